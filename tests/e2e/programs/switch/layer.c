/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Open MPI is told about its point-to-point layer, in each engine. SWITCH_LAYER is what it is
 * to be in all but the first.
 */
#include "switch.h"

static void told(char *text, int room)
{
	MPI_T_cvar_handle handle;
	int level, index, length;

	CHECK(MPI_T_init_thread(MPI_THREAD_SINGLE, &level) == MPI_SUCCESS);
	CHECK(MPI_T_cvar_get_index("pml", &index) == MPI_SUCCESS);
	CHECK(MPI_T_cvar_handle_alloc(index, NULL, &handle, &length) == MPI_SUCCESS);
	CHECK(length <= room);
	CHECK(MPI_T_cvar_read(handle, text) == MPI_SUCCESS);
	MPI_T_cvar_handle_free(&handle);
	CHECK(MPI_T_finalize() == MPI_SUCCESS);
}

int main(int argc, char **argv)
{
	const char *wanted = getenv("SWITCH_LAYER");
	char text[4096] = "", first[4096] = "";

	begin(&argc, &argv);
	told(first, sizeof(first));
	for (int i = 0; i < 2; i++) {
		change();
		told(text, sizeof(text));
		if (strcmp(text, wanted ? wanted : first) != 0) {
			fprintf(stderr, "rank %d, generation %d: pml is '%s'\n", rank, generation,
				text);
			_exit(9);
		}
	}
	return end("layer");
}
