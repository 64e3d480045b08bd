/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * In the FS modes a signal may arrive while the thread is on an engine's thread block, where the
 * application's handlers cannot run. So handlers are wrapped: a wrapper puts the thread's own block
 * back for the duration. For that, sigaction(), signal() and its relatives are interposed (exported
 * by whatever is linked with this); in shared mode they only pass through to libc.
 */
#ifndef RF_ENGINE_SIGNALS_H
#define RF_ENGINE_SIGNALS_H

#include "engine/raw.h"

/* Wraps the handlers that are installed already, if the gate's mode needs it. */
RF_HIDDEN void rf_signals_wrap(void);

#endif
