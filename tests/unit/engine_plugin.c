/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A library that is opened late in either half, with thread-local variables of the dynamic kind.
 * Built a second time under another name, engine_half is linked with it: then glibc gives them
 * static space.
 */
#include <stddef.h>

#ifndef NAME
#define NAME plugin_counter
#endif

int *NAME(void);

#ifndef SIZE
#define SIZE 5000
#endif

static __thread char far_away[SIZE];
static __thread int counter = 100;

int *NAME(void)
{
	far_away[sizeof(far_away) / 2]++;
	return &counter;
}
