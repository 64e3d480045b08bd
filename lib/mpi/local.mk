# lib/mpi: the shim, and the engine program with the real libmpi

# made from the description
RF_MPI_GENERATED = lib/mpi/api.h lib/mpi/wrappers.c lib/mpi/redo_entry.c lib/mpi/fast_entry.c \
	lib/mpi/entry.c lib/mpi/names.c lib/mpi/engine.c
EXTRA_DIST += lib/mpi/mpi.api lib/mpi/generate.py lib/mpi/fast.py
BUILT_SOURCES += lib/mpi/api.h
CLEANFILES += $(RF_MPI_GENERATED)
$(RF_MPI_GENERATED): lib/mpi/mpi.api lib/mpi/generate.py lib/mpi/fast.py
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
		$(PYTHON) $(srcdir)/lib/mpi/generate.py $(srcdir)/lib/mpi/mpi.api $@

# attributes, error handlers, callbacks and Fortran
RF_SHIM_CALLBACK_SOURCES = \
	lib/mpi/attribute.c lib/mpi/attribute.h lib/mpi/attribute_c.c lib/mpi/attribute_call.c \
	lib/mpi/attribute_call.h lib/mpi/binding.h lib/mpi/callback.c lib/mpi/callback.h lib/mpi/convert.c \
	lib/mpi/convert.h lib/mpi/convert_c.c lib/mpi/cxx.c lib/mpi/datarep.c lib/mpi/errhandler.c \
	lib/mpi/errhandler.h lib/mpi/errhandler_c.c lib/mpi/errhandler_user.h lib/mpi/error_code.c \
	lib/mpi/error_code.h lib/mpi/fortran.h lib/mpi/fortran_attribute.c \
	lib/mpi/fortran_callback.c lib/mpi/fortran_group.c lib/mpi/grequest.c lib/mpi/grequest.h \
	lib/mpi/keyval.c lib/mpi/keyval.h lib/mpi/op.c lib/mpi/op.h

# deleted functions are exported still, so they are called
RF_MPI_CFLAGS = $(RF_ENGINE_CFLAGS) $(OMPI_CFLAGS) -DOMPI_OMIT_MPI1_COMPAT_DECLS=0 \
	-Wno-deprecated-declarations

pkglib_LTLIBRARIES += lib/mpi/librankferry-shim.la
lib_mpi_librankferry_shim_la_CFLAGS = $(RF_MPI_CFLAGS) -fvisibility=hidden
lib_mpi_librankferry_shim_la_LDFLAGS = -module -avoid-version -shared -Wl,-z,now -Wl,-z,defs
lib_mpi_librankferry_shim_la_LIBADD = lib/engine/librfengine.la lib/wire/librfrankmsg.la \
	lib/snapshot/librfsink.la
lib_mpi_librankferry_shim_la_SOURCES = \
	lib/mpi/alias.c lib/mpi/alias.h \
	lib/mpi/alltoallw.c \
	lib/mpi/array.c lib/mpi/array.h \
	lib/mpi/background.h \
	lib/mpi/buffer.c lib/mpi/buffer.h \
	lib/mpi/capture.c lib/mpi/capture.h \
	lib/mpi/collective.c lib/mpi/collective.h \
	lib/mpi/communicator.c \
	lib/mpi/coming.c lib/mpi/coming.h \
	lib/mpi/comms.c lib/mpi/comms.h \
	lib/mpi/datatype.c \
	lib/mpi/direct.c lib/mpi/direct.h \
	lib/mpi/dispatch.c lib/mpi/dispatch.h \
	lib/mpi/drain.c lib/mpi/drain.h lib/mpi/drain_parts.h \
	lib/mpi/dynamic.c \
	lib/mpi/environment.c \
	lib/mpi/giveback.c \
	lib/mpi/handle.c lib/mpi/handle.h \
	lib/mpi/keeper.c lib/mpi/keeper.h \
	lib/mpi/libmpi.c lib/mpi/libmpi.h \
	lib/mpi/lifecycle.c lib/mpi/lifecycle.h \
	lib/mpi/link.c lib/mpi/link.h \
	lib/mpi/memory.c lib/mpi/memory.h \
	lib/mpi/names.h \
	lib/mpi/owners.c lib/mpi/owners.h \
	lib/mpi/parting.c lib/mpi/parting.h \
	lib/mpi/pids.c lib/mpi/pids.h \
	lib/mpi/places.c lib/mpi/places.h \
	lib/mpi/poke.c lib/mpi/poke.h \
	lib/mpi/precopy.c lib/mpi/precopy.h \
	lib/mpi/quiesce.c lib/mpi/quiesce.h lib/mpi/quiesce_parts.h \
	lib/mpi/quiesce_agree.c lib/mpi/quiesce_report.c \
	lib/mpi/quiesce_move.c lib/mpi/quiesce_move.h \
	lib/mpi/quiesce_limits.c lib/mpi/quiesce_limits.h \
	lib/mpi/quiesce_points.c lib/mpi/quiesce_points.h \
	lib/mpi/quiesce_threads.c lib/mpi/quiesce_threads.h \
	lib/mpi/reach.c lib/mpi/reach.h \
	lib/mpi/redirect.c lib/mpi/redirect.h \
	lib/mpi/redo.c lib/mpi/redo.h lib/mpi/redo_frame.h \
	lib/mpi/request.c lib/mpi/request.h \
	lib/mpi/shim.h \
	lib/mpi/start.c lib/mpi/start.h \
	lib/mpi/state.c lib/mpi/state.h lib/mpi/state_comm.c lib/mpi/state_memory.c \
	lib/mpi/state_memory.h lib/mpi/state_message.c lib/mpi/state_obstacle.c lib/mpi/state_record.h \
	lib/mpi/state_request.c lib/mpi/state_section.c lib/mpi/state_small.c \
	lib/mpi/state_type.c \
	lib/mpi/switch.c lib/mpi/switch.h \
	lib/mpi/time.c lib/mpi/time.h \
	lib/mpi/tool.c lib/mpi/tool.h \
	lib/mpi/variables.c lib/mpi/variables.h \
	$(RF_SHIM_CALLBACK_SOURCES)
nodist_lib_mpi_librankferry_shim_la_SOURCES = \
	lib/mpi/wrappers.c lib/mpi/redo_entry.c lib/mpi/fast_entry.c lib/mpi/entry.c lib/mpi/names.c

pkglibexec_PROGRAMS += lib/mpi/rankferry-engine
lib_mpi_rankferry_engine_CFLAGS = $(RF_MPI_CFLAGS) -fPIE
lib_mpi_rankferry_engine_LDFLAGS = -pie -Wl,-E
lib_mpi_rankferry_engine_LDADD = lib/engine/librfprogram.la $(OMPI_LIBS) -lopen-pal
lib_mpi_rankferry_engine_SOURCES = lib/mpi/engine_main.c lib/mpi/engine_table.h \
	lib/mpi/engine_background.c lib/mpi/background.h \
	lib/mpi/engine_loan.c lib/mpi/engine_loan.h \
	lib/mpi/engine_nowhere.c lib/mpi/engine_nowhere.h \
	lib/mpi/engine_sleep.c lib/mpi/engine_sleep.h \
	lib/mpi/quiesce_engine.h lib/mpi/quiesce_engine_parts.h lib/mpi/quiesce_flush.c \
	lib/mpi/quiesce_requests.c lib/mpi/quiesce_comm.c lib/mpi/quiesce_traffic.c \
	lib/mpi/engine_list.h lib/mpi/quiesce_held.c \
	lib/mpi/state_engine.c lib/mpi/state_engine.h
nodist_lib_mpi_rankferry_engine_SOURCES = lib/mpi/engine.c
