/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages to people: one line on stderr, "rankferry: " before it. */
#ifndef RF_LAUNCHER_SAY_H
#define RF_LAUNCHER_SAY_H

void rf_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
