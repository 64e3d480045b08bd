# Tests of the whole: real programs over virtual hosts. They run against an installation of their own
# below the build tree, since ordinary users and other hosts must reach it.
#   make check                               among all other tests
#   make check-e2e                           only these, by prove
#   make check-e2e E2E=tests/e2e/t-x.t       only this
#   make demo                                one job, to look at
E2E_TESTS = \
	tests/e2e/t-calls.t \
	tests/e2e/t-quiesce-engine.t \
	tests/e2e/t-switch.t \
	tests/e2e/t-doctor.t \
	tests/e2e/t-exitcodes.t \
	tests/e2e/t-hurt.t \
	tests/e2e/t-hurt-move.t \
	tests/e2e/t-orphans.t \
	tests/e2e/t-environment.t \
	tests/e2e/t-signals.t \
	tests/e2e/t-snapshot.t \
	tests/e2e/t-snapshot-ranks.t \
	tests/e2e/t-stdio.t \
	tests/e2e/t-twohosts.t \
	tests/e2e/t-restart.t \
	tests/e2e/t-save-files.t \
	tests/e2e/t-restart-rank.t \
	tests/e2e/t-evacuate.t \
	tests/e2e/t-unlike.t \
	tests/e2e/t-queue.t \
	tests/e2e/t-policy.t \
	tests/e2e/t-balance.t \
	tests/e2e/t-configs.t \
	tests/e2e/t-recover.t \
	tests/e2e/t-stores.t \
	tests/e2e/t-peers.t \
	tests/e2e/t-move-memory.t \
	tests/e2e/t-slurm.t \
	tests/e2e/t-warden.t \
	tests/e2e/t-realprograms-fortran.t \
	tests/e2e/t-realprograms-hpcc.t \
	tests/e2e/t-realprograms-lammps.t \
	tests/e2e/t-realprograms-mpi4py.t \
	tests/e2e/t-realprograms-openmp.t \
	tests/e2e/t-realprograms-move.t \
	tests/e2e/t-realprograms-snapshot.t \
	tests/e2e/t-mpi4py-suite.t \
	tests/fault/t-hung-store.t \
	tests/fault/t-move-faults.t \
	tests/fault/t-chaos.t
TESTS += $(E2E_TESTS)
E2E = $(E2E_TESTS)

E2E_ROOT = $(abs_builddir)/tests/e2e/root
E2E_PREFIX = $(E2E_ROOT)$(prefix)
E2E_ENVIRONMENT = \
	RF_BUILDDIR='$(abs_builddir)'; export RF_BUILDDIR; \
	RF_PREFIX='$(E2E_PREFIX)'; export RF_PREFIX;
AM_TESTS_ENVIRONMENT += $(E2E_ENVIRONMENT)

check_DATA += tests/e2e/root.stamp
tests/e2e/root.stamp: $(bin_PROGRAMS) $(pkglib_LTLIBRARIES) $(plugins_LTLIBRARIES) $(rankferry_HEADERS) \
		$(pkglibexec_PROGRAMS)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && rm -rf $(E2E_ROOT) && \
		$(MAKE) $(AM_MAKEFLAGS) install DESTDIR=$(E2E_ROOT) >$@.log 2>&1 || \
		{ cat $@.log; exit 1; }
	@touch $@

check-e2e: tests/e2e/root.stamp
	cd $(srcdir) && { $(E2E_ENVIRONMENT) prove $(PROVE_FLAGS) $(E2E); }

demo: tests/e2e/root.stamp
	@$(E2E_ENVIRONMENT) $(srcdir)/tests/e2e/demo.sh

clean-local: clean-e2e
clean-e2e:
	rm -rf $(E2E_ROOT)

.PHONY: check-e2e demo clean-e2e
CLEANFILES += tests/e2e/root.stamp tests/e2e/root.stamp.log

EXTRA_DIST += \
	$(E2E_TESTS) \
	tests/e2e/demo.sh tests/e2e/hurt.sh tests/e2e/lib.sh tests/e2e/moves.sh tests/e2e/realprograms.sh tests/e2e/recover.sh tests/e2e/slurm.sh tests/e2e/snapshots.sh tests/e2e/vhost.sh tests/e2e/.shellcheckrc tests/fault/.shellcheckrc \
	tests/e2e/programs tests/e2e/mpi4py
