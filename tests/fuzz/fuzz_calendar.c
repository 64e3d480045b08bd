/* SPDX-License-Identifier: BSD-3-Clause */
/* The file of the monitor calendar: see monitor.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "monitor.h"

#include "../../plugins/monitor/calendar.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_call(tell_all(&monitor_core, "f", text));
	free(text);
	return 0;
}
