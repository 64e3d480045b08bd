/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Error handlers of communicators, windows and files: who inherits, which object an error is raised
 * on, the default of files, and handlers that outlive MPI_Errhandler_free.
 *
 * corpus: ranks=2,3
 * corpus: refused-while=a window|windows|osc_rdma|open MPI file
 */
#include "corpus.h"

static int comm_calls, win_calls, file_calls, last_class;
static MPI_Comm last_comm;
static MPI_Win last_win;
static MPI_File last_file;

static void on_comm(MPI_Comm *comm, int *code, ...)
{
	comm_calls++;
	last_comm = *comm;
	MPI_Error_class(*code, &last_class);
}

static void on_win(MPI_Win *win, int *code, ...)
{
	win_calls++;
	last_win = *win;
	MPI_Error_class(*code, &last_class);
}

static void on_file(MPI_File *file, int *code, ...)
{
	file_calls++;
	last_file = *file;
	MPI_Error_class(*code, &last_class);
}

static void expect_comm(MPI_Comm comm, int calls)
{
	int value = 0, class, code;

	comm_calls = 0;
	code = MPI_Bcast(&value, 1, MPI_INT, 999, comm);
	CHECK(code != MPI_SUCCESS);
	CHECK_INT(comm_calls, calls);
	MPI_Error_class(code, &class);
	CHECK_INT(class, MPI_ERR_ROOT);
	if (calls > 0) {
		CHECK(last_comm == comm);
		CHECK_INT(last_class, MPI_ERR_ROOT);
	}
	corpus_add_int(class);
}

static void communicators(void)
{
	int dims[1] = {corpus_size}, periods[1] = {0};
	MPI_Errhandler handler, again, got;
	MPI_Comm parent, child[4];

	MPI_Comm_dup(MPI_COMM_WORLD, &parent);
	MPI_Comm_create_errhandler(on_comm, &handler);
	MPI_Comm_set_errhandler(parent, handler);
	MPI_Comm_get_errhandler(parent, &got);
	CHECK(got == handler);
	MPI_Errhandler_free(&got);
	MPI_Errhandler_free(&handler);
	MPI_Comm_create_errhandler(on_comm, &again); /* must not take the place of the other */
	MPI_Errhandler_free(&again);
	MPI_Comm_dup(parent, &child[0]);
	MPI_Comm_split(parent, 0, corpus_rank, &child[1]);
	MPI_Cart_create(parent, 1, dims, periods, 0, &child[2]);
	MPI_Comm_dup(child[1], &child[3]);
	expect_comm(parent, 1);
	for (int i = 0; i < 4; i++)
		expect_comm(child[i], 1);
	MPI_Comm_set_errhandler(parent, MPI_ERRORS_RETURN);
	expect_comm(parent, 0);
	expect_comm(child[0], 1);
	MPI_Comm_get_errhandler(child[3], &got);
	CHECK(got != MPI_ERRORS_RETURN && got != MPI_ERRORS_ARE_FATAL);
	MPI_Comm_set_errhandler(parent, got);
	MPI_Errhandler_free(&got);
	MPI_Comm_free(&child[3]);
	expect_comm(parent, 1);
	comm_calls = 0;
	CHECK_INT(MPI_Comm_call_errhandler(child[2], MPI_ERR_TOPOLOGY), MPI_SUCCESS);
	CHECK_INT(comm_calls, 1);
	CHECK_INT(last_class, MPI_ERR_TOPOLOGY);
	for (int i = 0; i < 3; i++)
		MPI_Comm_free(&child[i]);
	MPI_Comm_free(&parent);
}

/* An error of a request is raised on the request's communicator. */
static void requests(void)
{
	int small = 0, large[4] = {1, 2, 3, 4};
	MPI_Errhandler handler;
	MPI_Request request;
	MPI_Status status;
	MPI_Comm comm;

	MPI_Comm_dup(MPI_COMM_WORLD, &comm);
	MPI_Comm_create_errhandler(on_comm, &handler);
	MPI_Comm_set_errhandler(comm, handler);
	MPI_Errhandler_free(&handler);
	if (corpus_rank == 0)
		MPI_Send(large, 4, MPI_INT, 1, 1, comm);
	if (corpus_rank == 1) {
		MPI_Irecv(&small, 1, MPI_INT, 0, 1, comm, &request);
		comm_calls = 0;
		CHECK(MPI_Waitall(1, &request, &status) != MPI_SUCCESS);
		CHECK_INT(comm_calls, 1);
		CHECK(last_comm == comm);
		CHECK_INT(last_class, MPI_ERR_TRUNCATE);
	}
	MPI_Comm_free(&comm);
}

static void windows(void)
{
	MPI_Errhandler handler, got;
	int memory[4] = {0}, value = 1;
	MPI_Win win;

	MPI_Win_create(memory, sizeof(memory), sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &win);
	MPI_Win_get_errhandler(win, &got);
	CHECK(got == MPI_ERRORS_ARE_FATAL);
	MPI_Errhandler_free(&got);
	MPI_Win_create_errhandler(on_win, &handler);
	MPI_Win_set_errhandler(win, handler);
	MPI_Win_get_errhandler(win, &got);
	CHECK(got == handler);
	MPI_Errhandler_free(&got);
	MPI_Errhandler_free(&handler);
	win_calls = 0;
	CHECK(MPI_Put(&value, 1, MPI_INT, 999, 0, 1, MPI_INT, win) != MPI_SUCCESS);
	CHECK_INT(win_calls, 1);
	CHECK(last_win == win);
	CHECK_INT(last_class, MPI_ERR_RANK);
	MPI_Win_call_errhandler(win, MPI_ERR_SIZE);
	CHECK_INT(win_calls, 2);
	CHECK_INT(last_class, MPI_ERR_SIZE);
	MPI_Win_free(&win);
}

static void files(void)
{
	MPI_Errhandler handler, got;
	MPI_Offset offset = 0;
	MPI_File file;

	MPI_File_get_errhandler(MPI_FILE_NULL, &got);
	CHECK(got == MPI_ERRORS_RETURN);
	MPI_Errhandler_free(&got);
	CHECK(MPI_File_open(MPI_COMM_SELF, corpus_path("none/such"), MPI_MODE_RDONLY, MPI_INFO_NULL,
			    &file) != MPI_SUCCESS);
	MPI_File_create_errhandler(on_file, &handler);
	MPI_File_set_errhandler(MPI_FILE_NULL, handler);
	file_calls = 0;
	CHECK(MPI_File_open(MPI_COMM_SELF, corpus_path("none/such"), MPI_MODE_RDONLY, MPI_INFO_NULL,
			    &file) != MPI_SUCCESS);
	CHECK_INT(file_calls, 1);
	CHECK(last_file == MPI_FILE_NULL);
	CHECK_INT(MPI_File_open(MPI_COMM_WORLD, corpus_path("errh"),
				MPI_MODE_CREATE | MPI_MODE_RDWR, MPI_INFO_NULL, &file),
		  MPI_SUCCESS);
	MPI_File_set_errhandler(MPI_FILE_NULL, MPI_ERRORS_RETURN);
	MPI_File_get_errhandler(file, &got); /* inherited when it was opened */
	CHECK(got == handler);
	MPI_Errhandler_free(&got);
	MPI_Errhandler_free(&handler);
	file_calls = 0;
	CHECK(MPI_File_seek(file, offset, 12345) != MPI_SUCCESS);
	CHECK_INT(file_calls, 1);
	CHECK(last_file == file);
	MPI_File_call_errhandler(file, MPI_ERR_QUOTA);
	CHECK_INT(last_class, MPI_ERR_QUOTA);
	MPI_File_close(&file);
	CHECK(file == MPI_FILE_NULL);
}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		communicators();
		requests();
		windows();
		files();
	}
	return corpus_finish();
}
