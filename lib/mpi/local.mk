# lib/mpi
noinst_HEADERS += \
	lib/mpi/handle.h lib/mpi/attribute.h lib/mpi/keyval.h lib/mpi/errhandler.h lib/mpi/convert.h
