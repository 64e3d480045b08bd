/* SPDX-License-Identifier: BSD-3-Clause */
/* A rank that goes on from a snapshot, in the identity of a slot. */
#ifndef RF_LAUNCHER_REVIVE_H
#define RF_LAUNCHER_REVIVE_H

#include <stdbool.h>

#include "identity.h"

/*
 * The identity will execute rankferry-restore for the image of `rank` in the directory `snapshot`,
 * instead of the program. Its environment is then not the program's, which has its own from the
 * image, but what its engine starts with; what loads libraries into programs is taken out. `lazy`:
 * its memory stays in the image's file until it is written to. -1 and err: the helper or the image
 * is missing.
 */
int rf_revive(struct rf_identity *identity, const char *snapshot, int rank, bool lazy,
	      struct rf_error *err);

#endif
