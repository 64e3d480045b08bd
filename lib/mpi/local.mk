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

# attributes, error handlers, callbacks and Fortran
RF_SHIM_CALLBACK_SOURCES = \
	lib/mpi/attribute.c lib/mpi/attribute.h lib/mpi/attribute_c.c lib/mpi/attribute_call.c \
	lib/mpi/attribute_call.h lib/mpi/callback.c lib/mpi/callback.h lib/mpi/convert.c \
	lib/mpi/convert.h lib/mpi/convert_c.c lib/mpi/datarep.c lib/mpi/errhandler.c \
	lib/mpi/errhandler.h lib/mpi/errhandler_c.c lib/mpi/errhandler_user.h lib/mpi/error_code.c \
	lib/mpi/error_code.h lib/mpi/fortran.h lib/mpi/fortran_attribute.c \
	lib/mpi/fortran_callback.c lib/mpi/fortran_group.c lib/mpi/grequest.c lib/mpi/grequest.h \
	lib/mpi/keyval.c lib/mpi/keyval.h lib/mpi/op.c lib/mpi/op.h
