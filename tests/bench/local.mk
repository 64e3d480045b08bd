# What rankferry costs, measured: a table for people, and all figures in tests/bench/results.json.
#   make bench BENCH_FLAGS="--rounds 30"
BENCH_FLAGS =

tests/bench/micro: $(srcdir)/tests/bench/micro.c $(srcdir)/lib/mpi/direct.h
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(MPICC) -O2 -I$(srcdir)/lib -o $@ $(srcdir)/tests/bench/micro.c -ldl

bench: tests/e2e/root.stamp tests/bench/micro
	$(PYTHON) $(srcdir)/tests/bench/bench.py --micro $(abs_builddir)/tests/bench/micro \
		--wrap "$(E2E_PREFIX)/bin/rankferry run" --json tests/bench/results.json $(BENCH_FLAGS)

.PHONY: bench
CLEANFILES += tests/bench/micro tests/bench/results.json
EXTRA_DIST += tests/bench/bench.py tests/bench/micro.c
