# lib/mpi
noinst_HEADERS += \
	lib/mpi/handle.h lib/mpi/attribute.h lib/mpi/keyval.h lib/mpi/errhandler.h lib/mpi/convert.h \
	lib/mpi/shim.h lib/mpi/names.h

EXTRA_DIST += lib/mpi/mpi.api lib/mpi/generate.py
BUILT_SOURCES += lib/mpi/api.h
CLEANFILES += lib/mpi/api.h lib/mpi/wrappers.c lib/mpi/entry.S lib/mpi/names.c lib/mpi/engine.c

lib/mpi/api.h lib/mpi/wrappers.c lib/mpi/entry.S lib/mpi/names.c lib/mpi/engine.c: \
		lib/mpi/mpi.api lib/mpi/generate.py
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
		$(PYTHON) $(srcdir)/lib/mpi/generate.py $(srcdir)/lib/mpi/mpi.api $@
