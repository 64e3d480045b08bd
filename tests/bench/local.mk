# What rankferry costs, measured: a table for people, and all figures in tests/bench/results.json.
#   make bench BENCH_FLAGS="--rounds 30"
BENCH_FLAGS =

tests/bench/micro: $(srcdir)/tests/bench/micro.c $(srcdir)/lib/mpi/direct.h
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(MPICC) -O2 -I$(srcdir)/lib -o $@ $(srcdir)/tests/bench/micro.c -ldl

# The wrappers alone, against an engine that does nothing: works beside other load.
#   make bench-wrappers
tests/bench/wrappers: $(srcdir)/tests/bench/wrappers.c $(srcdir)/lib/mpi/direct.h
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(MPICC) -O2 -I$(srcdir)/lib -o $@ $(srcdir)/tests/bench/wrappers.c -ldl

bench-wrappers: tests/e2e/root.stamp tests/bench/wrappers
	$(E2E_PREFIX)/bin/rankferry run mpirun -n 1 tests/bench/wrappers

# Snapshots and restarts: some minutes, 6 GiB of memory and of disk.
#   make bench-snapshots SNAPSHOTS_FLAGS="--mib 256"
SNAPSHOTS_FLAGS =
tests/bench/ballast: $(srcdir)/tests/bench/ballast.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(MPICC) -O2 -o $@ $(srcdir)/tests/bench/ballast.c

bench-snapshots: tests/e2e/root.stamp tests/bench/ballast
	$(PYTHON) $(srcdir)/tests/bench/snapshots.py --rankferry $(E2E_PREFIX)/bin/rankferry \
		--ballast $(abs_builddir)/tests/bench/ballast $(SNAPSHOTS_FLAGS)

bench: bench-snapshots
bench: tests/e2e/root.stamp tests/bench/micro
	$(PYTHON) $(srcdir)/tests/bench/bench.py --micro $(abs_builddir)/tests/bench/micro \
		--wrap "$(E2E_PREFIX)/bin/rankferry run" --json tests/bench/results.json $(BENCH_FLAGS)

# An evacuation beside what it takes to do the same by a restart. As root: it makes virtual hosts.
#   make bench-move MOVE_FLAGS="512 1 5 120"
MOVE_FLAGS =
bench-move: tests/e2e/root.stamp
	RF_BUILDDIR='$(abs_builddir)' RF_PREFIX='$(E2E_PREFIX)' $(srcdir)/tests/bench/move.sh $(MOVE_FLAGS)

# What balance is worth: the same job with and without. Some minutes, as root, too.
#   make bench-balance BENCH_PAIRS=3
BENCH_PAIRS = 1
bench-balance: tests/e2e/root.stamp
	RF_BUILDDIR='$(abs_builddir)' RF_PREFIX='$(E2E_PREFIX)' BENCH_PAIRS=$(BENCH_PAIRS) $(srcdir)/tests/bench/balance.sh

# How long a job is away when it loses a host. As root.
bench-recover: tests/e2e/root.stamp
	RF_BUILDDIR='$(abs_builddir)' RF_PREFIX='$(E2E_PREFIX)' $(srcdir)/tests/bench/recover.sh

.PHONY: bench-recover bench bench-balance bench-move bench-snapshots bench-wrappers
CLEANFILES += tests/bench/micro tests/bench/wrappers tests/bench/ballast tests/bench/results.json
EXTRA_DIST += tests/bench/recover.sh tests/bench/bench.py tests/bench/micro.c tests/bench/wrappers.c \
	tests/bench/balance.sh tests/bench/image.sh tests/bench/link.py tests/bench/move.sh tests/bench/mover.c tests/bench/.shellcheckrc \
	tests/bench/ballast.c tests/bench/snapshots.py
