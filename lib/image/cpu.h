/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program may have found out about its CPU, and whether another CPU can take its place.
 */
#ifndef RF_IMAGE_CPU_H
#define RF_IMAGE_CPU_H

#include "image/record.h"
#include "util/error.h"

/* Fills the record for the CPU that this runs on. */
void rf_cpu_read(struct rf_cpu *cpu);

/*
 * Can code that was started on `image` go on here? Its library functions were chosen for the
 * features of that CPU, and the extended state in its signal frames has that CPU's layout. 0, or -1
 * and err.
 */
int rf_cpu_check(const struct rf_cpu *image, const struct rf_cpu *here, struct rf_error *err);

#endif
