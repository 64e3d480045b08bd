/* SPDX-License-Identifier: BSD-3-Clause */
/* A library that is opened late in either half, with thread-local variables of the dynamic kind. */
#include <stddef.h>

int *plugin_counter(void);

static __thread char far_away[5000];
static __thread int counter = 100;

int *plugin_counter(void)
{
	far_away[sizeof(far_away) / 2]++;
	return &counter;
}
