/* SPDX-License-Identifier: BSD-3-Clause */
#include "revive.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "places.h"

int rf_revive(struct rf_identity *identity, const char *snapshot, int rank, bool lazy,
	      struct rf_error *err)
{
	char helper[PATH_MAX], image[PATH_MAX];
	char *argv[] = {helper, lazy ? "--lazy" : image, lazy ? image : NULL, NULL};

	if (rank < 0)
		return rf_error_set(err, EINVAL, "a process that is no rank cannot be restored");
	if (rf_place_helper("rankferry-restore", helper, err) < 0)
		return -1;
	if (snprintf(image, sizeof(image), "%s/rank-%06d.h5", snapshot, rank) >= (int)sizeof(image))
		return rf_error_set(err, ENAMETOOLONG, "the path of the snapshot is too long: %s",
				    snapshot);
	if (access(image, R_OK) < 0)
		return rf_error_errno(err,
				      "cannot read %s on this host; a snapshot must be in a "
				      "directory that all hosts see",
				      image);
	if (rf_identity_setenv(identity, "LD_PRELOAD", NULL, err) ||
	    rf_identity_setenv(identity, "LD_AUDIT", NULL, err))
		return -1;
	return rf_identity_replace(identity, argv, err);
}
