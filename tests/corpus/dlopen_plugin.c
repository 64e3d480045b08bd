/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plugin that uses MPI is loaded at run time, used, unloaded and loaded again.
 *
 * corpus: ranks=1,2
 * corpus: so=plugin_ring
 * corpus: libs=-ldl
 */
#include "corpus.h"
#include <dlfcn.h>

int main(int argc, char **argv)
{
	char path[4096];
	int (*ring)(int);

	snprintf(path, sizeof(path), "%s/plugin_ring.so", getenv("CORPUS_BIN"));
	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		void *plugin = dlopen(path, RTLD_NOW | (round % 2 ? RTLD_GLOBAL : RTLD_LOCAL));
		int want = 0;

		CHECK(plugin != NULL);
		*(void **)&ring = dlsym(plugin, "plugin_ring");
		CHECK(ring != NULL);
		for (int r = 0; r < corpus_size; r++)
			if (corpus_value(r, round, 0) > want)
				want = corpus_value(r, round, 0);
		int got = ring(corpus_value(corpus_rank, round, 0));
		CHECK_INT(got, want);
		corpus_add_int(got);
		dlclose(plugin);
	}
	return corpus_finish();
}
