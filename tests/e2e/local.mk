# Tests of the whole: real programs over virtual hosts. They run against an installation of their own
# below the build tree, since ordinary users and other hosts must reach it.
#   make check-e2e                           all of them
#   make check-e2e E2E=tests/e2e/t-x.t       these (paths from the source tree's top)
E2E = tests/e2e/t-*.t
E2E_PREFIX = $(abs_builddir)/tests/e2e/prefix

e2e-prefix: all
	rm -rf $(E2E_PREFIX)
	$(MAKE) $(AM_MAKEFLAGS) install DESTDIR= prefix=$(E2E_PREFIX) >/dev/null

check-e2e: e2e-prefix
	cd $(srcdir) && RF_BUILDDIR=$(abs_builddir) RF_PREFIX=$(E2E_PREFIX) prove $(PROVE_FLAGS) $(E2E)

clean-local: clean-e2e
clean-e2e:
	rm -rf $(E2E_PREFIX)

.PHONY: e2e-prefix check-e2e clean-e2e

EXTRA_DIST += \
	tests/e2e/lib.sh tests/e2e/vhost.sh tests/e2e/.shellcheckrc \
	tests/e2e/programs/pending.c tests/e2e/programs/ring.c tests/e2e/programs/hybrid.c tests/e2e/programs/heat.f90 \
	tests/e2e/programs/mpi4py/objects.py tests/e2e/programs/hpcc/hpccinf.txt \
	tests/e2e/programs/lammps/in.melt tests/e2e/programs/lammps/in.eam \
	tests/e2e/programs/lammps/in.salt \
	tests/e2e/t-quiesce-engine.t tests/e2e/t-twohosts.t tests/e2e/t-realprograms-lammps.t \
	tests/e2e/t-realprograms-hpcc.t tests/e2e/t-realprograms-openmp.t \
	tests/e2e/t-realprograms-fortran.t tests/e2e/t-realprograms-mpi4py.t \
	tests/e2e/mpi4py/README tests/e2e/mpi4py/fetch.sh tests/e2e/mpi4py/results.py \
	tests/e2e/t-mpi4py-suite.t
