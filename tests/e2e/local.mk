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
	tests/e2e/programs/ring.c \
	tests/e2e/t-twohosts.t
