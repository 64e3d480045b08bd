/* SPDX-License-Identifier: BSD-3-Clause */
#include "lend.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "identity.h"
#include "wire/body.h"

int rf_lend(struct rf_ranks *ranks, struct rf_links *links, int rank, int id, int generation,
	    enum rf_step step, struct rf_error *err)
{
	const struct rf_identity *identity = rf_ranks_held(ranks, rank, generation);
	int i, body, files[3], rc = -1;
	size_t size;
	char *block;

	if (!identity)
		return rf_error_set(err, ENOENT, "rank %d has no slot that waits", rank);
	block = rf_identity_environment(identity, &size);
	body = block ? rf_body_create(block, size) : -1;
	if (body < 0)
		rf_error_errno(err, "can not hand the new place to rank %d", rank);
	for (i = 0; i < 3; i++)
		files[i] = rf_identity_file(identity, i);
	if (body >= 0 && (files[0] < 0 || files[1] < 0 || files[2] < 0))
		rf_error_set(err, EBADF, "mpirun gave no standard files to rank %d", rank);
	else if (body >= 0)
		rc = rf_links_lend(links, rank, (uint32_t)id, step, body, files, err);
	if (body >= 0)
		close(body);
	free(block);
	return rc;
}

int rf_lend_image(struct rf_links *links, int rank, int id, const char *snapshot, int round,
		  struct rf_error *err)
{
	char path[PATH_MAX], suffix[16] = "";
	int body;

	if (!snapshot)
		return rf_error_set(err, ENOENT, "no image of rank %d has come", rank);
	if (round >= 0)
		snprintf(suffix, sizeof(suffix), ".%d", round);
	if (snprintf(path, sizeof(path), "%s/rank-%06d%s.h5", snapshot, rank, suffix) >=
	    (int)sizeof(path))
		return rf_error_set(err, ENAMETOOLONG, "the path of the store is too long");
	body = rf_body_create(path, strlen(path) + 1);
	if (body < 0)
		return rf_error_errno(err, "can not order rank %d to be restored", rank);
	rf_links_order(links, rank, (uint32_t)id, round < 0 ? RF_STEP_SWITCH : RF_STEP_PLACE, body);
	close(body);
	return 0;
}
