/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/maps.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int rf_maps_open(struct rf_maps *maps, struct rf_error *err)
{
	maps->at = maps->have = 0;
	maps->fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	return maps->fd < 0 ? rf_error_errno(err, "reading /proc/self/maps") : 0;
}

static unsigned long parse_hex(const char *text, char end)
{
	unsigned long value = 0;

	for (; *text && *text != end; text++)
		value = value * 16 + (unsigned long)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return value;
}

static int next_line(struct rf_maps *maps)
{
	unsigned int n = 0;

	for (;; maps->at++) {
		if (maps->at == maps->have) {
			long got = rf_raw3(SYS_read, maps->fd, maps->buffer, sizeof(maps->buffer));

			if (got <= 0)
				return 0;
			maps->have = (unsigned int)got;
			maps->at = 0;
		}
		if (maps->buffer[maps->at] == '\n')
			break;
		if (n + 1 < sizeof(maps->line))
			maps->line[n++] = maps->buffer[maps->at];
	}
	maps->at++;
	maps->line[n] = '\0';
	return 1;
}

int rf_maps_next(struct rf_maps *maps)
{
	const char *dash;

	do {
		if (!next_line(maps))
			return 0;
		dash = strchr(maps->line, '-');
	} while (!dash);
	maps->begin = parse_hex(maps->line, '-');
	maps->end = parse_hex(dash + 1, ' ');
	return 1;
}

void rf_maps_close(struct rf_maps *maps)
{
	close(maps->fd);
}
