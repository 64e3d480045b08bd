/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_T: control and performance variables can be listed, found by name, read and started, before
 * MPI_Init and after it.
 *
 * corpus: ranks=1,2
 * corpus: refused-while=MPI_T
 */
#include "corpus.h"

static int list_cvars(void)
{
	char name[256], text[2048];
	int n, found = 0;

	CHECK_INT(MPI_T_cvar_get_num(&n), MPI_SUCCESS);
	for (int i = 0; i < n; i++) {
		int length = sizeof(name), text_length = sizeof(text), verbosity, bind, scope,
		    index;
		MPI_Datatype type;
		MPI_T_enum values;

		if (MPI_T_cvar_get_info(i, name, &length, &verbosity, &type, &values, text,
					&text_length, &bind, &scope) != MPI_SUCCESS)
			continue;
		CHECK(type == MPI_INT || type == MPI_UNSIGNED || type == MPI_UNSIGNED_LONG ||
		      type == MPI_UNSIGNED_LONG_LONG || type == MPI_CHAR || type == MPI_DOUBLE ||
		      type == MPI_COUNT || type == MPI_INT64_T || type == MPI_INT32_T ||
		      type == MPI_LONG || type == MPI_C_BOOL || type == MPI_UINT64_T ||
		      type == MPI_UINT32_T);
		found++;
		if (strcmp(name, "pml") == 0) {
			char value[256] = "";
			MPI_T_cvar_handle handle;
			int count;

			CHECK_INT(MPI_T_cvar_get_index(name, &index), MPI_SUCCESS);
			CHECK_INT(index, i);
			MPI_T_cvar_handle_alloc(i, NULL, &handle, &count);
			MPI_T_cvar_read(handle, value);
			CHECK_STR(value, "ob1");
			corpus_add(value, strlen(value));
			MPI_T_cvar_handle_free(&handle);
		}
	}
	return found;
}

int main(int argc, char **argv)
{
	int provided, n, before, index;

	CHECK_INT(MPI_T_init_thread(MPI_THREAD_SINGLE, &provided), MPI_SUCCESS);
	before = list_cvars();
	CHECK(before > 10);
	corpus_init(&argc, &argv);
	CHECK(list_cvars() > 10);
	CHECK(MPI_T_cvar_get_index("no_such_variable", &index) != MPI_SUCCESS);
	/* write a variable and read it back */
	if (MPI_T_cvar_get_index("mpi_show_handle_leaks", &index) == MPI_SUCCESS) {
		MPI_T_cvar_handle handle;
		unsigned char value[8] = {0}, again[8] = {0};
		int count;

		CHECK_INT(MPI_T_cvar_handle_alloc(index, NULL, &handle, &count), MPI_SUCCESS);
		MPI_T_cvar_read(handle, value);
		MPI_T_cvar_write(handle, value);
		MPI_T_cvar_read(handle, again);
		CHECK_INT(again[0], value[0]);
		MPI_T_cvar_handle_free(&handle);
	}
	MPI_T_pvar_get_num(&n);
	CHECK(n >= 0);
	MPI_T_pvar_session session;
	MPI_T_pvar_session_create(&session);
	int used = 0;
	for (int i = 0; i < n; i++) {
		char name[256];
		int length = sizeof(name), verbosity, class, bind, readonly, continuous, atomic,
		    count, none = 0;
		unsigned char value[1024];
		MPI_T_pvar_handle handle;
		MPI_Datatype type;
		MPI_T_enum values;
		MPI_Comm comm = MPI_COMM_WORLD;

		if (MPI_T_pvar_get_info(i, name, &length, &verbosity, &class, &type, &values, NULL,
					&none, &bind, &readonly, &continuous,
					&atomic) != MPI_SUCCESS)
			continue;
		if (bind != MPI_T_BIND_MPI_COMM)
			continue;
		CHECK_INT(MPI_T_pvar_get_index(name, class, &index), MPI_SUCCESS);
		CHECK_INT(index, i);
		if (MPI_T_pvar_handle_alloc(session, i, &comm, &handle, &count) != MPI_SUCCESS)
			continue;
		if (!continuous)
			MPI_T_pvar_start(session, handle);
		if (count <= 100 && MPI_T_pvar_read(session, handle, value) == MPI_SUCCESS)
			used++;
		if (!readonly) {
			MPI_T_pvar_reset(session, handle);
			MPI_T_pvar_write(session, handle, value);
			MPI_T_pvar_readreset(session, handle, value);
		}
		if (!continuous)
			MPI_T_pvar_stop(session, handle);
		MPI_T_pvar_handle_free(session, &handle);
	}
	MPI_T_pvar_session_free(&session);
	/* how many there are is the library's business: the variables that were read must be the
	 * same */
	corpus_add_int(used > 0);
	/* Open MPI 4.1 does not survive the other order of these two */
	corpus_linger();
	MPI_T_finalize();
	return corpus_finish();
}
