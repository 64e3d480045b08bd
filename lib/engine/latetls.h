/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Libraries that an engine opens late and that shared mode cannot serve: those with initial-exec
 * TLS that has initial values. Their ld.so would write the values into its own threads only.
 */
#ifndef RF_ENGINE_LATETLS_H
#define RF_ENGINE_LATETLS_H

#include "engine/raw.h"

/*
 * Is it one? `at`: `length` bytes of the file from its beginning, just mapped readable and private;
 * `size`: bytes in the file. Data that is no library is fine. No libc, no TLS.
 */
RF_HIDDEN int rf_late_tls(const void *at, unsigned long length, unsigned long size);

#endif
