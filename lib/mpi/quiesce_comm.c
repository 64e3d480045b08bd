/* SPDX-License-Identifier: BSD-3-Clause */
/* What all members of a communicator know it by. */
#include <ompi_config.h>

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <ompi/communicator/communicator.h>
#include <ompi/group/group.h>
#include <ompi/mca/coll/coll.h>
#include <ompi/proc/proc.h>

#include "mpi/quiesce_engine_parts.h"

uint32_t rf_comm_id(MPI_Comm comm)
{
	return comm->c_contextid;
}

static void add_group(XXH3_state_t *hash, ompi_group_t *group)
{
	int n = ompi_group_size(group);
	int32_t end = -1; /* no rank: (0 1) + (2) is not (0) + (1 2) */

	for (int i = 0; i < n; i++) {
		uint32_t rank = ompi_group_get_proc_name(group, i).vpid;

		XXH3_128bits_update(hash, &rank, sizeof(rank));
	}
	XXH3_128bits_update(hash, &end, sizeof(end));
}

/* The same order at all members: that of the first members. */
static int is_lower(ompi_group_t *a, ompi_group_t *b)
{
	return !ompi_group_size(b) ||
	       (ompi_group_size(a) &&
		ompi_group_get_proc_name(a, 0).vpid < ompi_group_get_proc_name(b, 0).vpid);
}

/*
 * May something be sent on it? Known to the point-to-point layer here it may still be unknown at
 * others: there its id leads to the communicator that it is made from, and what came would be put
 * in order with the messages of that one. The library chooses collectives when it has heard from
 * all members.
 */
static int is_usable(MPI_Comm comm)
{
	return OMPI_COMM_IS_PML_ADDED(comm) && !OMPI_COMM_IS_INVALID(comm) && comm->c_coll;
}

int rf_comm_clock(MPI_Comm comm, struct rf_clock *clock)
{
	ompi_group_t *local = comm->c_local_group, *remote = comm->c_remote_group;
	XXH128_canonical_t key;
	XXH3_state_t hash;

	if (!is_usable(comm))
		return 0;
	clock->cid = comm->c_contextid;
	clock->members = (uint32_t)ompi_comm_size(comm);
	XXH3_128bits_reset(&hash);
	if (OMPI_COMM_IS_INTER(comm)) {
		clock->members += (uint32_t)ompi_comm_remote_size(comm);
		add_group(&hash, is_lower(local, remote) ? local : remote);
		add_group(&hash, is_lower(local, remote) ? remote : local);
	} else {
		add_group(&hash, local);
	}
	XXH128_canonicalFromHash(&key, XXH3_128bits_digest(&hash));
	memcpy(clock->key, key.digest, sizeof(clock->key));
	return 1;
}

int rf_comm_world(MPI_Comm comm, int peer)
{
	ompi_group_t *group = OMPI_COMM_IS_INTER(comm) ? comm->c_remote_group : comm->c_local_group;
	opal_process_name_t name;

	if (peer < 0 || peer >= ompi_group_size(group))
		return -1;
	name = ompi_group_get_proc_name(group, peer);
	if (name.jobid != ompi_proc_local_proc->super.proc_name.jobid)
		return -1;
	return (int)name.vpid;
}
