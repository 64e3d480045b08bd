/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dynamic processes: other jobs know this rank's present engine by address, so it can no longer be
 * moved. The calls themselves are forwarded.
 */
#include "mpi/array.h"
#include "mpi/collective.h"
#include "mpi/shim.h"

/* Raises the error if the rank must stay movable. */
static int tied(MPI_Comm comm, const char *function)
{
	if (!rf_runs_natively(function))
		return MPI_SUCCESS;
	return rf_error_raise(RF_COMM, comm, MPI_ERR_UNSUPPORTED_OPERATION, function);
}

/* Ends the engine's call. */
static int connected(int rc, MPI_Comm real, MPI_Comm *newcomm)
{
	if (rc == MPI_SUCCESS)
		*newcomm = rf_handle_out(RF_COMM, real);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

int rf_MPI_Comm_spawn(const char *command, char *argv[], int maxprocs, MPI_Info info, int root,
		      MPI_Comm comm, MPI_Comm *intercomm, int array_of_errcodes[])
{
	int rc = tied(comm, "MPI_Comm_spawn");
	MPI_Comm real = NULL;

	if (rc != MPI_SUCCESS)
		return rc;
	RF_BEGIN_COLLECTIVE(comm);
	RF_ENGINE(rc, MPI_Comm_spawn(command, argv, maxprocs, rf_real(info), root, rf_real(comm),
				     intercomm ? &real : NULL, array_of_errcodes));
	return connected(rc, real, intercomm);
}

int rf_MPI_Comm_spawn_multiple(int count, char *array_of_commands[], char **array_of_argv[],
			       const int array_of_maxprocs[], const MPI_Info array_of_info[],
			       int root, MPI_Comm comm, MPI_Comm *intercomm,
			       int array_of_errcodes[])
{
	int rc = tied(comm, "MPI_Comm_spawn_multiple"), rank = -1;
	void *few[RF_FEW], **infos;
	MPI_Comm real = NULL;

	if (rc != MPI_SUCCESS)
		return rc;
	/* Only the root's arrays mean anything. */
	if (comm && comm != rf_app_null(RF_COMM))
		RF_CALL(rc, MPI_Comm_rank(rf_real(comm), &rank));
	RF_BEGIN_COLLECTIVE(comm);
	infos = rf_reals_begin(array_of_info, rank == root ? count : 0, few);
	RF_ENGINE(rc, MPI_Comm_spawn_multiple(count, array_of_commands, array_of_argv,
					      array_of_maxprocs, (void *)infos, root, rf_real(comm),
					      intercomm ? &real : NULL, array_of_errcodes));
	rf_reals_end(infos, few);
	return connected(rc, real, intercomm);
}

int rf_MPI_Comm_accept(const char *port_name, MPI_Info info, int root, MPI_Comm comm,
		       MPI_Comm *newcomm)
{
	int rc = tied(comm, "MPI_Comm_accept");
	MPI_Comm real = NULL;

	if (rc != MPI_SUCCESS)
		return rc;
	RF_BEGIN_COLLECTIVE(comm);
	RF_ENGINE(rc, MPI_Comm_accept(port_name, rf_real(info), root, rf_real(comm),
				      newcomm ? &real : NULL));
	return connected(rc, real, newcomm);
}

int rf_MPI_Comm_connect(const char *port_name, MPI_Info info, int root, MPI_Comm comm,
			MPI_Comm *newcomm)
{
	int rc = tied(comm, "MPI_Comm_connect");
	MPI_Comm real = NULL;

	if (rc != MPI_SUCCESS)
		return rc;
	RF_BEGIN_COLLECTIVE(comm);
	RF_ENGINE(rc, MPI_Comm_connect(port_name, rf_real(info), root, rf_real(comm),
				       newcomm ? &real : NULL));
	return connected(rc, real, newcomm);
}

int rf_MPI_Comm_join(int fd, MPI_Comm *intercomm)
{
	int rc = tied(NULL, "MPI_Comm_join");
	MPI_Comm real = NULL;

	if (rc != MPI_SUCCESS)
		return rc;
	RF_BEGIN_COLLECTIVE(NULL);
	RF_ENGINE(rc, MPI_Comm_join(fd, intercomm ? &real : NULL));
	return connected(rc, real, intercomm);
}

int rf_MPI_Open_port(MPI_Info info, char *port_name)
{
	int rc = tied(NULL, "MPI_Open_port");

	if (rc != MPI_SUCCESS)
		return rc;
	RF_CALL(rc, MPI_Open_port(rf_real(info), port_name));
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}

/* The same handle each time, and always one use, which MPI_Comm_disconnect() ends. */
int rf_MPI_Comm_get_parent(MPI_Comm *parent)
{
	MPI_Comm real = NULL;
	int rc;

	RF_BEGIN(RF_IN_OTHER);
	RF_ENGINE(rc, MPI_Comm_get_parent(parent ? &real : NULL));
	if (rc == MPI_SUCCESS)
		*parent = rf_handle_show(RF_COMM, real);
	RF_END();
	return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
}
