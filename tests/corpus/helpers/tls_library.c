/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A library with thread-local storage of its own.
 */
int *tls_counter(void);

static __thread int counters[500] = {7};

int *tls_counter(void)
{
	return counters;
}
