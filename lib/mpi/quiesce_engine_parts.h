/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of struct rf_quiesce_engine, for the engine program only. */
#ifndef RF_MPI_QUIESCE_ENGINE_PARTS_H
#define RF_MPI_QUIESCE_ENGINE_PARTS_H

#include "mpi/quiesce_engine.h"

uint32_t rf_comm_id(MPI_Comm comm);
int rf_comm_clock(MPI_Comm comm, struct rf_clock *clock);
int rf_comm_world(MPI_Comm comm, int peer);
struct rf_flush *rf_flush_start(MPI_Comm comm, uint32_t id);
int rf_flush_test(struct rf_flush *flush);
int rf_flush_free(struct rf_flush *flush);
int rf_traffic_send(const void *bytes, size_t n, int peer, MPI_Comm comm, uint32_t id, int what,
		    MPI_Request *request);
int rf_traffic_receive(void *bytes, size_t n, int peer, MPI_Comm comm, uint32_t id, int what,
		       MPI_Request *request);
int rf_traffic_take(MPI_Comm comm, MPI_Message *message, struct rf_taken *taken);
int rf_traffic_fetch(MPI_Message *message, void *bytes, size_t n, MPI_Request *request);
int rf_traffic_send_again(const void *bytes, size_t n, int peer, int tag, MPI_Comm comm,
			  MPI_Request *request);
int rf_traffic_test(MPI_Request *request);
int rf_held_next(int probing, struct rf_held *held);
int rf_held_fetch(MPI_Message message, void *bytes, size_t n, MPI_Request *request);
int rf_held_fill(MPI_Message message, MPI_Comm comm, int source, int tag, uint32_t id, int what);
int rf_held_index(MPI_Message message);
MPI_Message rf_held_hollow(int index);
struct rf_traffic rf_traffic(void);

/*
 * Tags that nothing else uses: below those of Open MPI's collectives (coll_tags.h), of which the
 * lowest is about -2^30 - 1100. Those of different quiesces differ, so that what a cancelled one
 * has left is never matched.
 */
#define RF_TAG_KINDS	  4 /* and one for markers */
#define RF_TAG(id, what)  (-1200000000 - (int)((id) % 100000000) * 5 - (what))
#define RF_TAG_MARKER(id) RF_TAG(id, RF_TAG_KINDS)
int rf_requests_each(int (*each)(void *arg, const struct rf_request_record *record), void *arg);

#endif
