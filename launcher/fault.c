/* SPDX-License-Identifier: BSD-3-Clause */
#include "fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum rf_fault rf_fault_next(const char *phase)
{
	static const struct {
		const char *name;
		enum rf_fault fault;
	} actions[] = {{"fail", RF_FAULT_FAIL},
		       {"wait", RF_FAULT_WAIT},
		       {"stop", RF_FAULT_STOP},
		       {"kill", RF_FAULT_KILL}};
	static const char *next;
	size_t n = strlen(phase), length, i;

	if (!next)
		next = getenv("RANKFERRY_FAULT");
	if (!next)
		next = "";
	if (strncmp(next, phase, n) != 0 || next[n] != ':')
		return RF_FAULT_NONE;
	next += n + 1;
	length = strcspn(next, ",");
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strlen(actions[i].name) == length &&
		    strncmp(next, actions[i].name, length) == 0)
			break;
	next += length + (next[length] == ',');
	return i < sizeof(actions) / sizeof(actions[0]) ? actions[i].fault : RF_FAULT_NONE;
}

void rf_fault_stop(void)
{
	const struct timespec now = {0, 0};
	sigset_t cont;

	kill(getpid(), SIGSTOP);
	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	sigtimedwait(&cont, NULL, &now); /* it is blocked (mpirun.c) */
}

bool rf_fault_meet(const char *what, const char *phase)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", what, phase);
	switch (rf_fault_next(name)) {
	case RF_FAULT_FAIL:
		return true;
	case RF_FAULT_WAIT:
		usleep(RF_FAULT_WAIT_MS * 1000);
		break;
	case RF_FAULT_STOP:
		rf_fault_stop();
		break;
	case RF_FAULT_KILL:
		kill(getpid(), SIGKILL);
		break;
	case RF_FAULT_NONE:
		break;
	}
	return false;
}
