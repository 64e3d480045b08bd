/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Info objects: set, replace, get cut to size, delete, list, copy; values and keys at their limits.
 *
 * corpus: ranks=1
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	char value[MPI_MAX_INFO_VAL + 1], key[MPI_MAX_INFO_KEY + 1], longest[MPI_MAX_INFO_VAL + 1];
	MPI_Info info, copy;
	int n, flag, length;

	corpus_init(&argc, &argv);
	memset(longest, 'v', sizeof(longest));
	longest[MPI_MAX_INFO_VAL - 1] = '\0';
	CHECK(MPI_Info_f2c(MPI_Info_c2f(MPI_INFO_NULL)) == MPI_INFO_NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Info_create(&info);
		CHECK(MPI_Info_f2c(MPI_Info_c2f(info)) == info);
		MPI_Info_get_nkeys(info, &n);
		CHECK_INT(n, 0);
		MPI_Info_set(info, "one", "1");
		MPI_Info_set(info, "two", "2");
		MPI_Info_set(info, "one", "first");
		MPI_Info_set(info, "long", longest);
		MPI_Info_get_nkeys(info, &n);
		CHECK_INT(n, 3);
		MPI_Info_get(info, "one", MPI_MAX_INFO_VAL, value, &flag);
		CHECK_INT(flag, 1);
		CHECK_STR(value, "first");
		MPI_Info_get(info, "one", 2, value, &flag);
		CHECK_STR(value, "fi");
		MPI_Info_get(info, "three", MPI_MAX_INFO_VAL, value, &flag);
		CHECK_INT(flag, 0);
		MPI_Info_get_valuelen(info, "long", &length, &flag);
		CHECK_INT(length, MPI_MAX_INFO_VAL - 1);
		MPI_Info_dup(info, &copy);
		MPI_Info_delete(info, "two");
		MPI_Info_get_nkeys(info, &n);
		CHECK_INT(n, 2);
		MPI_Info_free(&info);
		CHECK(info == MPI_INFO_NULL);
		MPI_Info_get_nkeys(copy, &n);
		CHECK_INT(n, 3);
		for (int i = 0; i < n; i++) {
			MPI_Info_get_nthkey(copy, i, key);
			MPI_Info_get(copy, key, MPI_MAX_INFO_VAL, value, &flag);
			CHECK_INT(flag, 1);
			corpus_add(key, strlen(key));
			corpus_add(value, strlen(value));
		}
		MPI_Info_free(&copy);
	}
	return corpus_finish();
}
