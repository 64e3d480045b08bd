/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel's code in every process, which the image has pointers into.
 *
 * With the same kernel, this process's vdso is moved to where the image has it. With another one,
 * the image's vdso is mapped as ordinary memory, and each of its functions is overwritten by a jump
 * to the same function of this kernel, or by the system call that it stands for (the idea is
 * CRIU's, criu/pie/parasite-vdso.c; written afresh).
 */
#ifndef RF_IMAGE_VDSO_H
#define RF_IMAGE_VDSO_H

#include "image/blob.h"
#include "image/place.h"

/* This process's vvar and vdso areas, ascending; the last one is the vdso. Number of areas, or -1.
 */
int rf_vdso_own(struct rf_range area[4], struct rf_error *err);

/* Can this process's vdso take the place of the image's as it is? */
int rf_vdso_same(const struct rf_loaded *image, const struct rf_range *area, int areas);

/* Maps the image's vdso where it was and makes its functions jump to this process's vdso. */
int rf_vdso_redirect(const struct rf_loaded *image, struct rf_range own, struct rf_error *err);

#endif
