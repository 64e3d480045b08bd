/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether processes can be restored under this kernel. */
#ifndef RF_IMAGE_KERNEL_H
#define RF_IMAGE_KERNEL_H

#include "util/error.h"

/* 0, or -1 and what it lacks. */
int rf_kernel_check(struct rf_error *err);

#endif
