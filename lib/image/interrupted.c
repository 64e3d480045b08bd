/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/interrupted.h"
#include "image/proc.h"
#include "image/sys.h"

#include <errno.h>
#include <time.h>
#include <ucontext.h>

int rf_call_read(int tid, struct rf_call *call)
{
	char path[64], text[256];
	const char *p = text;

	call->number = -1;
	if (rf_proc_read(rf_proc_path(path, "/proc/self/task/", tid, "/syscall"), text,
			 sizeof(text)) <= 0 ||
	    *p < '0' || *p > '9')
		return 0; /* "running", or "-1 sp pc": stopped outside a call */
	call->number = rf_proc_decimal(&p);
	for (int i = 0; i < 6; i++) {
		p = rf_proc_blanks(p);
		call->args[i] = rf_proc_hex(&p);
	}
	p = rf_proc_blanks(p);
	call->sp = rf_proc_hex(&p);
	p = rf_proc_blanks(p);
	call->pc = rf_proc_hex(&p);
	return 1;
}

void rf_call_restart(const struct rf_call *call, void *ucontext)
{
	greg_t *r = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
	static const int arg[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
	const unsigned char *site = (const unsigned char *)r[REG_RIP] - 2;

	/* it must be exactly the call that was seen before the signal was sent */
	if (call->number < 0 || r[REG_RAX] != -EINTR || (uint64_t)r[REG_RIP] != call->pc ||
	    (uint64_t)r[REG_RSP] != call->sp || site[0] != 0x0f || site[1] != 0x05)
		return;
	for (int i = 0; i < 6; i++)
		if ((uint64_t)r[arg[i]] != call->args[i])
			return;
	/* the kernel has stored what remains of the sleep, if it was given a place (nanosleep(2))
	 */
	if (call->number == SYS_nanosleep && r[REG_RSI])
		r[REG_RDI] = r[REG_RSI];
	if (call->number == SYS_clock_nanosleep && !(r[REG_RSI] & TIMER_ABSTIME) && r[REG_R10])
		r[REG_RDX] = r[REG_R10];
	r[REG_RAX] = call->number;
	r[REG_RIP] -= 2;
}
