/* SPDX-License-Identifier: BSD-3-Clause */
/* An order of the coordinator's (the kind "order" of wire/kinds.c), as keepers pass it on. */
#ifndef RF_LAUNCHER_ORDER_H
#define RF_LAUNCHER_ORDER_H

#include <jansson.h>

/* Its body as an fd for ranks, to be closed. -1: it has none; -2: it can not be passed on. */
int rf_order_body(const json_t *message);

#endif
