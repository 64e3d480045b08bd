/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/precopy.h"

#include <errno.h>
#include <unistd.h>

#include "mpi/capture.h"
#include "mpi/link.h"
#include "mpi/quiesce_move.h"
#include "wire/body.h"
#include "wire/step.h"

static struct rf_rankmsg message; /* not on the stack, which may be a small one */

/* -1 and `why`, or 0 and an fd. */
static int take(const int *fds, int n, int *fd, struct rf_error *why)
{
	size_t size = 0;
	const void *body = n ? rf_body_map(fds[0], &size) : NULL;
	int rc;

	*fd = -1;
	if (!body)
		return rf_error_set(why, EPROTO, "an order came without a body");
	rc = rf_move_precopy(body, size, n > 1 ? fds[1] : -1, fd, why);
	rf_body_unmap(body, size);
	return rc;
}

int rf_precopy_is(uint32_t step)
{
	return step == RF_STEP_PRECOPY || step == RF_STEP_FENCE;
}

int rf_precopy_order(const struct rf_rankmsg *order, const int *fds, int n, int idle)
{
	static struct rf_error why;
	/* `order` may be what the report is made of */
	uint32_t id = order->id, seq = order->seq, step = order->step;
	int fd = -1, failed;

	if (step == RF_STEP_CANCEL && idle)
		rf_move_precopy_stop();
	if (!rf_precopy_is(step))
		return 0;
	if (!idle)
		failed = rf_error_set(&why, EBUSY, "it is being stopped already");
	else if (step == RF_STEP_FENCE)
		failed = rf_capture_fence(rf_link_fd(), &why);
	else
		failed = take(fds, n, &fd, &why);
	rf_rankmsg_init(&message, RF_RANKMSG_REPORT, 0, RF_WHERE_COMPUTING,
			failed ? why.text : NULL);
	message.id = id;
	message.seq = seq;
	message.step = step;
	message.error = !failed ? 0 : why.code ? why.code : -1;
	rf_link_report(&message, NULL, 0, fd);
	if (fd >= 0)
		close(fd);
	return 1;
}
