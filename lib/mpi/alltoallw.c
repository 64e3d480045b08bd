/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The collectives with an array of datatypes, whose length is the number of neighbours.
 *
 * Open MPI 4.1 keeps the pointers to these arrays in the request of a non-blocking or persistent
 * call, and reads them when it completes or is freed (ompi/mca/coll/base/coll_base_util.c). So our
 * translated arrays live until the same request object is used for another such call: request
 * objects are reused, so that is bounded.
 */
#include <pthread.h>
#include <stdlib.h>

#include <uthash.h>

#include "mpi/array.h"
#include "mpi/collective.h"
#include "mpi/request.h"
#include "mpi/shim.h"
#include "mpi/start.h"

struct kept {
	MPI_Request request;
	void **types[2];
	UT_hash_handle hh;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept *by_request;

/* A translated array that may outlive the call; NULL for NULL. */
static void **translate(const MPI_Datatype types[], int count)
{
	void **real;

	if (!types)
		return NULL;
	real = malloc(((size_t)count + 1) * sizeof(*real));
	if (!real)
		rf_shim_die("out of memory for an array of %d datatypes", count);
	for (int i = 0; i < count; i++)
		real[i] = rf_real(types[i]);
	return real;
}

static void keep(MPI_Request request, void **sendtypes, void **recvtypes)
{
	struct kept *kept;

	pthread_mutex_lock(&lock);
	HASH_FIND_PTR(by_request, &request, kept);
	if (kept) {
		free(kept->types[0]);
		free(kept->types[1]);
	} else {
		kept = malloc(sizeof(*kept));
		if (!kept)
			rf_shim_die("out of memory for a request");
		kept->request = request;
		HASH_ADD_PTR(by_request, request, kept);
	}
	kept->types[0] = sendtypes;
	kept->types[1] = recvtypes;
	pthread_mutex_unlock(&lock);
}

static void settle(int rc, const MPI_Request *request, void **sendtypes, void **recvtypes)
{
	if (rc == MPI_SUCCESS && request) {
		keep(*request, sendtypes, recvtypes);
	} else {
		free(sendtypes);
		free(recvtypes);
	}
}

static int usable(MPI_Comm comm)
{
	return comm && comm != rf_app_null(RF_COMM);
}

/* Between RF_BEGIN() and RF_END(): to how many ranks an all-to-all on `comm` goes; 0 where the
 * engine will refuse the call. */
static int peers(MPI_Comm comm)
{
	int rc, inter = 0, count = 0;

	if (!usable(comm))
		return 0;
	RF_ENGINE(rc, MPI_Comm_test_inter(rf_real(comm), &inter));
	if (rc == MPI_SUCCESS && inter)
		RF_ENGINE(rc, MPI_Comm_remote_size(rf_real(comm), &count));
	else if (rc == MPI_SUCCESS)
		RF_ENGINE(rc, MPI_Comm_size(rf_real(comm), &count));
	return rc == MPI_SUCCESS ? count : 0;
}

/* The same: how many neighbours it has in its topology (MPI-3.1 7.6). */
static void neighbours(MPI_Comm comm, int *in, int *out)
{
	int rc, topology = MPI_UNDEFINED, rank, weighted;

	*in = *out = 0;
	if (!usable(comm))
		return;
	RF_ENGINE(rc, MPI_Topo_test(rf_real(comm), &topology));
	if (rc != MPI_SUCCESS)
		return;
	switch (topology) {
	case MPI_CART:
		RF_ENGINE(rc, MPI_Cartdim_get(rf_real(comm), in));
		*out = *in *= 2;
		break;
	case MPI_GRAPH:
		RF_ENGINE(rc, MPI_Comm_rank(rf_real(comm), &rank));
		RF_ENGINE(rc, MPI_Graph_neighbors_count(rf_real(comm), rank, in));
		*out = *in;
		break;
	case MPI_DIST_GRAPH:
		RF_ENGINE(rc, MPI_Dist_graph_neighbors_count(rf_real(comm), in, out, &weighted));
		break;
	default:
		break;
	}
}

/* With MPI_IN_PLACE the types for sending mean nothing, and may be anything. */
static const MPI_Datatype *send_types(const void *sendbuf, const MPI_Datatype types[])
{
	return sendbuf == MPI_IN_PLACE ? NULL : types;
}

int rf_MPI_Alltoallw(const void *sendbuf, const int sendcounts[], const int sdispls[],
		     const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
		     const int rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm)
{
	void *few_send[RF_FEW], *few_recv[RF_FEW], **send, **recv;
	int rc, count;

	RF_BEGIN_COLLECTIVE(comm);
	count = peers(comm);
	send = rf_reals_begin(send_types(sendbuf, sendtypes), count, few_send);
	recv = rf_reals_begin(recvtypes, count, few_recv);
	RF_ENGINE(rc, MPI_Alltoallw(sendbuf, sendcounts, sdispls, (void *)send, recvbuf, recvcounts,
				    rdispls, (void *)recv, rf_real(comm)));
	rf_reals_end(send, few_send);
	rf_reals_end(recv, few_recv);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPI_Neighbor_alltoallw(const void *sendbuf, const int sendcounts[], const MPI_Aint sdispls[],
			      const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
			      const MPI_Aint rdispls[], const MPI_Datatype recvtypes[],
			      MPI_Comm comm)
{
	void *few_send[RF_FEW], *few_recv[RF_FEW], **send, **recv;
	int rc, in, out;

	RF_BEGIN_COLLECTIVE(comm);
	neighbours(comm, &in, &out);
	send = rf_reals_begin(sendtypes, out, few_send);
	recv = rf_reals_begin(recvtypes, in, few_recv);
	RF_ENGINE(rc, MPI_Neighbor_alltoallw(sendbuf, sendcounts, sdispls, (void *)send, recvbuf,
					     recvcounts, rdispls, (void *)recv, rf_real(comm)));
	rf_reals_end(send, few_send);
	rf_reals_end(recv, few_recv);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPI_Ialltoallw(const void *sendbuf, const int sendcounts[], const int sdispls[],
		      const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
		      const int rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm,
		      MPI_Request *request)
{
	void **send, **recv;
	int rc, count;

	RF_BEGIN_COLLECTIVE(comm);
	count = peers(comm);
	send = translate(send_types(sendbuf, sendtypes), count);
	recv = translate(recvtypes, count);
	RF_ENGINE(rc, MPI_Ialltoallw(sendbuf, sendcounts, sdispls, (void *)send, recvbuf,
				     recvcounts, rdispls, (void *)recv, rf_real(comm), request));
	settle(rc, request, send, recv);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPI_Ineighbor_alltoallw(const void *sendbuf, const int sendcounts[],
			       const MPI_Aint sdispls[], const MPI_Datatype sendtypes[],
			       void *recvbuf, const int recvcounts[], const MPI_Aint rdispls[],
			       const MPI_Datatype recvtypes[], MPI_Comm comm, MPI_Request *request)
{
	void **send, **recv;
	int rc, in, out;

	RF_BEGIN_COLLECTIVE(comm);
	neighbours(comm, &in, &out);
	send = translate(sendtypes, out);
	recv = translate(recvtypes, in);
	RF_ENGINE(rc, MPI_Ineighbor_alltoallw(sendbuf, sendcounts, sdispls, (void *)send, recvbuf,
					      recvcounts, rdispls, (void *)recv, rf_real(comm),
					      request));
	settle(rc, request, send, recv);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPIX_Alltoallw_init(const void *sendbuf, const int sendcounts[], const int sdispls[],
			   const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
			   const int rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm,
			   MPI_Info info, MPI_Request *request)
{
	void **send, **recv;
	int rc, count;

	RF_BEGIN_COLLECTIVE(comm);
	count = peers(comm);
	send = translate(send_types(sendbuf, sendtypes), count);
	recv = translate(recvtypes, count);
	RF_ENGINE(rc, MPIX_Alltoallw_init(sendbuf, sendcounts, sdispls, (void *)send, recvbuf,
					  recvcounts, rdispls, (void *)recv, rf_real(comm),
					  rf_real(info), request));
	settle(rc, request, send, recv);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPIX_Neighbor_alltoallw_init(const void *sendbuf, const int sendcounts[],
				    const MPI_Aint sdispls[], const MPI_Datatype sendtypes[],
				    void *recvbuf, const int recvcounts[], const MPI_Aint rdispls[],
				    const MPI_Datatype recvtypes[], MPI_Comm comm, MPI_Info info,
				    MPI_Request *request)
{
	void **send, **recv;
	int rc, in, out;

	RF_BEGIN_COLLECTIVE(comm);
	neighbours(comm, &in, &out);
	send = translate(sendtypes, out);
	recv = translate(recvtypes, in);
	RF_ENGINE(rc, MPIX_Neighbor_alltoallw_init(sendbuf, sendcounts, sdispls, (void *)send,
						   recvbuf, recvcounts, rdispls, (void *)recv,
						   rf_real(comm), rf_real(info), request));
	settle(rc, request, send, recv);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}
