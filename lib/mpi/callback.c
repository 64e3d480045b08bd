/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mpi/callback.h"

void rf_callback_die(const char *text)
{
	struct iovec line[] = {
		{.iov_base = (char *)"rankferry: ", .iov_len = 11},
		{.iov_base = (char *)text, .iov_len = strlen(text)},
		{.iov_base = (char *)"\n", .iov_len = 1},
	};

	if (writev(STDERR_FILENO, line, 3) < 0)
		_exit(125);
	abort();
}

void rf_callback_begin(struct rf_callback *callback, const char *what)
{
	if (rf_gate_callback_begin(callback))
		rf_callback_die(what);
}
