/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/mode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define VARIABLE	"RANKFERRY_GATE"
#define HWCAP2_FSGSBASE 2ul /* asm/hwcap2.h: the kernel lets user space write FS */

static const char *const names[] = {"undecided", "shared", "fsgsbase", "prctl"};

static enum rf_gate_mode decided;
static int forced;
static char reason[256];

int rf_gate_switches;
int rf_gate_wrfsbase;

enum rf_gate_mode rf_mode_first(void)
{
	const char *wanted = getenv(VARIABLE);
	unsigned int i;

	forced = 0;
	*reason = '\0';
	if (decided)
		return decided;
	if (!wanted || !*wanted)
		return RF_GATE_SHARED_TCB;
	for (i = RF_GATE_SHARED_TCB; i <= RF_GATE_ARCH_PRCTL; i++) {
		if (strcmp(wanted, names[i]) != 0)
			continue;
		if (i == RF_GATE_FSGSBASE && !(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) {
			snprintf(reason, sizeof(reason),
				 VARIABLE "=%s, but this CPU or kernel "
					  "does not let programs write FS",
				 wanted);
			return RF_GATE_UNDECIDED;
		}
		forced = 1;
		snprintf(reason, sizeof(reason), VARIABLE "=%s", wanted);
		return (enum rf_gate_mode)i;
	}
	snprintf(reason, sizeof(reason), VARIABLE "=%.64s is none of shared, fsgsbase and prctl",
		 wanted);
	return RF_GATE_UNDECIDED;
}

enum rf_gate_mode rf_mode_next(enum rf_gate_mode mode, const char *why)
{
	snprintf(reason, sizeof(reason), "%s", why);
	if (decided || forced || mode != RF_GATE_SHARED_TCB)
		return RF_GATE_UNDECIDED;
	return getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE ? RF_GATE_FSGSBASE : RF_GATE_ARCH_PRCTL;
}

void rf_mode_decided(enum rf_gate_mode mode)
{
	decided = mode;
	rf_gate_wrfsbase = mode == RF_GATE_FSGSBASE;
	rf_gate_switches = mode != RF_GATE_SHARED_TCB;
}

enum rf_gate_mode rf_gate_mode(void)
{
	return decided;
}

const char *rf_gate_mode_name(enum rf_gate_mode mode)
{
	return names[mode];
}

const char *rf_gate_mode_reason(void)
{
	return reason;
}

int rf_gate_probe(const char *program, struct rf_error *err)
{
	struct rf_engine *engine = rf_engine_load(program, NULL, err);

	return engine ? rf_engine_drop(engine, err) : -1;
}
