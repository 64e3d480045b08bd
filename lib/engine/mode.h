/* SPDX-License-Identifier: BSD-3-Clause */
/* Choosing the gate's mode; rf_engine_load() tries them in turn. The results are in gate.h. */
#ifndef RF_ENGINE_MODE_H
#define RF_ENGINE_MODE_H

#include "engine/gate.h"
#include "engine/raw.h"

/* May FS be written by an instruction? */
extern int rf_gate_wrfsbase RF_HIDDEN;

RF_HIDDEN void rf_gate_set_fs(unsigned long fs);

/* The mode to try first, and the one after `mode` failed because of `why`; UNDECIDED: none left. */
RF_HIDDEN enum rf_gate_mode rf_mode_first(void);
RF_HIDDEN enum rf_gate_mode rf_mode_next(enum rf_gate_mode mode, const char *why);

/* It worked; it stays this process's mode. */
RF_HIDDEN void rf_mode_decided(enum rf_gate_mode mode);

#endif
