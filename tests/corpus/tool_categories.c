/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_T: categories with their members, and enumerations of variables with their items.
 *
 * corpus: ranks=1
 * corpus: refused-while=MPI_T
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	int provided, n, stamp, again, members = 0, enums = 0;

	MPI_T_init_thread(MPI_THREAD_SINGLE, &provided);
	corpus_init(&argc, &argv);
	MPI_T_category_changed(&stamp);
	MPI_T_category_get_num(&n);
	CHECK(n > 0);
	for (int i = 0; i < n; i++) {
		char name[256], text[512];
		int length = sizeof(name), text_length = sizeof(text), cvars, pvars, parts, index;

		if (MPI_T_category_get_info(i, name, &length, text, &text_length, &cvars, &pvars,
					    &parts) != MPI_SUCCESS)
			continue;
		CHECK_INT(MPI_T_category_get_index(name, &index), MPI_SUCCESS);
		int *numbers = calloc((size_t)(cvars + pvars + parts) + 1, sizeof(int));
		MPI_T_category_get_cvars(i, cvars, numbers);
		MPI_T_category_get_pvars(i, pvars, numbers + cvars);
		MPI_T_category_get_categories(i, parts, numbers + cvars + pvars);
		members += cvars + pvars + parts;
		free(numbers);
	}
	MPI_T_category_changed(&again);
	CHECK_INT(again, stamp);
	MPI_T_cvar_get_num(&n);
	for (int i = 0; i < n; i++) {
		char name[256];
		int length = sizeof(name), verbosity, bind, scope, none = 0, items;
		MPI_Datatype type;
		MPI_T_enum values = MPI_T_ENUM_NULL;

		if (MPI_T_cvar_get_info(i, name, &length, &verbosity, &type, &values, NULL, &none,
					&bind, &scope) != MPI_SUCCESS ||
		    values == MPI_T_ENUM_NULL)
			continue;
		length = sizeof(name);
		if (MPI_T_enum_get_info(values, &items, name, &length) != MPI_SUCCESS)
			continue;
		enums++;
		for (int k = 0; k < items; k++) {
			int value;

			length = sizeof(name);
			CHECK_INT(MPI_T_enum_get_item(values, k, &value, name, &length),
				  MPI_SUCCESS);
			CHECK(name[0] != '\0');
		}
	}
	CHECK(members > 0 && enums > 0);
	corpus_add_int(members > 0);
	MPI_T_finalize();
	corpus_linger();
	return corpus_finish();
}
