/* SPDX-License-Identifier: BSD-3-Clause */
/* An order of the coordinator's (the kind "order" of wire/kinds.c), as keepers pass it on. */
#ifndef RF_LAUNCHER_ORDER_H
#define RF_LAUNCHER_ORDER_H

#include <jansson.h>

#include "util/error.h"
#include "wire/rankmsg.h"
#include "wire/step.h"

/* Its body as an fd for ranks, to be closed. -1: it has none; -2: it can not be passed on. */
int rf_order_body(const json_t *message);

/* The message for what a rank reports. */
json_t *rf_order_report(const struct rf_rankmsg *report, const void *body, size_t size);

/* The same for what its keeper has to say: why the step can not be done; NULL: it has been. */
json_t *rf_order_answer(int rank, int id, enum rf_step step, const struct rf_error *why);

#endif
