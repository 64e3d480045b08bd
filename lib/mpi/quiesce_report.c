/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "mpi/link.h"
#include "mpi/quiesce_limits.h"
#include "mpi/quiesce_parts.h"

static struct rf_quiesce *const q = &rf_quiesce;

static void make(enum rf_step step, enum rf_where where, const char *text)
{
	rf_rankmsg_init(&q->message, RF_RANKMSG_REPORT, 0, (int)where, text);
	q->message.id = q->id;
	q->message.step = step;
	q->message.seq = q->seq;
}

void rf_report(enum rf_step step, enum rf_where where, const void *body, size_t size, int fd)
{
	make(step, where, NULL);
	rf_link_report(&q->message, body, size, fd);
}

void rf_report_image(const char *sizes, int fd)
{
	make(RF_STEP_CAPTURE, RF_WHERE_COMPUTING, sizes);
	rf_link_report(&q->message, NULL, 0, fd);
}

void rf_report_error(enum rf_step step, const struct rf_error *err)
{
	make(step, RF_WHERE_COMPUTING, err->text);
	q->message.error = err->code ? err->code : -1;
	rf_link_report(&q->message, NULL, 0, -1);
	q->failed = 1;
}

int rf_report_clocks(enum rf_where where)
{
	struct rf_arena arena = {0};
	struct rf_clocks *clocks;
	size_t size;
	int rc = rf_limits_clocks(&arena, &clocks, &size);

	if (rc < 0) {
		rf_error_set(&q->err, ENOMEM, "no memory to report the communicators");
		rf_report_error(q->owed, &q->err);
	} else if (!rc && !(rc = rf_agree_is_counting())) {
		clocks->where = where;
		clocks->round = q->round;
		q->unready = clocks->unready;
		rf_report(q->owed, where, clocks, size, -1);
	}
	rf_arena_drop(&arena);
	return rc <= 0;
}
