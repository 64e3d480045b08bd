/* SPDX-License-Identifier: BSD-3-Clause */
/* What the warden (warden.h) decides, as a line for people and as one of the job's events. */
#ifndef RF_LAUNCHER_ANNOUNCE_H
#define RF_LAUNCHER_ANNOUNCE_H

#include "events.h"
#include "warden.h"

void rf_announce(struct rf_events *events, const struct rf_warden_event *event);

#endif
