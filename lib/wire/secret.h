/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A job's secret: 256 random bits that every process of the job holds and nobody else. It travels
 * in the environment of mpirun (see launcher/), never on a connection and never in an error text.
 */
#ifndef RF_WIRE_SECRET_H
#define RF_WIRE_SECRET_H

#include "util/error.h"

#define RF_SECRET_BYTES 32
#define RF_SECRET_TEXT	(2 * RF_SECRET_BYTES + 1) /* hex digits and the final zero */

struct rf_secret {
	unsigned char key[RF_SECRET_BYTES];
};

/* Fills `secret` from the kernel's random numbers. */
int rf_secret_create(struct rf_secret *secret, struct rf_error *err);

/* To and from 64 lower-case hex digits. Parsing refuses anything else. */
void rf_secret_format(const struct rf_secret *secret, char text[RF_SECRET_TEXT]);
int rf_secret_parse(const char *text, struct rf_secret *secret, struct rf_error *err);

/* Overwrites it; the compiler can not remove this. NULL is allowed. */
void rf_secret_wipe(struct rf_secret *secret);

#endif
