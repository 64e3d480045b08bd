# lib/snapshot: images of all ranks of a job in HDF5, and the programs that write and restore them

# for the captured process: no HDF5, no malloc
noinst_LTLIBRARIES += lib/snapshot/librfsink.la
lib_snapshot_librfsink_la_SOURCES = \
	lib/snapshot/protocol.h \
	lib/snapshot/sink.c lib/snapshot/sink.h
lib_snapshot_librfsink_la_CFLAGS = $(RF_CFLAGS) -fvisibility=hidden
lib_snapshot_librfsink_la_LIBADD = lib/image/librfimage.la

# a job's directory of snapshots, without HDF5: for the coordinator
noinst_LTLIBRARIES += lib/snapshot/librfstore.la
lib_snapshot_librfstore_la_SOURCES = \
	lib/snapshot/manifest.c lib/snapshot/manifest.h \
	lib/snapshot/prune.c \
	lib/snapshot/seal.c lib/snapshot/seal.h \
	lib/snapshot/store.c lib/snapshot/store.h lib/snapshot/store_parts.h
lib_snapshot_librfstore_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
lib_snapshot_librfstore_la_CFLAGS = $(RF_CFLAGS)
lib_snapshot_librfstore_la_LIBADD = lib/util/librfutil.la $(JANSSON_LIBS) $(XXHASH_LIBS)

# for everything that reads and writes images
noinst_LTLIBRARIES += lib/snapshot/librfsnapshot.la
lib_snapshot_librfsnapshot_la_SOURCES = \
	lib/snapshot/check.c \
	lib/snapshot/chunks.c lib/snapshot/chunks.h \
	lib/snapshot/codec.c lib/snapshot/codec.h \
	lib/snapshot/compare.c lib/snapshot/compare.h \
	lib/snapshot/h5error.c lib/snapshot/h5error.h \
	lib/snapshot/h5file.c lib/snapshot/h5file.h \
	lib/snapshot/h5image.c lib/snapshot/h5image.h \
	lib/snapshot/h5section.c lib/snapshot/h5section.h \
	lib/snapshot/publish.c \
	lib/snapshot/schema.c lib/snapshot/schema.h \
	lib/snapshot/viewer.c lib/snapshot/viewer.h
lib_snapshot_librfsnapshot_la_CPPFLAGS = $(AM_CPPFLAGS) $(HDF5_CFLAGS) $(JANSSON_CFLAGS)
lib_snapshot_librfsnapshot_la_CFLAGS = $(RF_CFLAGS)
# librfutilrank first: its error.o has no sanitizers
lib_snapshot_librfsnapshot_la_LIBADD = lib/util/librfutilrank.la lib/snapshot/librfstore.la \
	lib/image/librfrestore.la \
	$(HDF5_LIBS) $(ZSTD_LIBS) $(LZ4_LIBS) -lpthread

# no sanitizers: their shadow memory takes addresses that an image may need
pkglibexec_PROGRAMS += rankferry-writer rankferry-restore
rankferry_writer_SOURCES = lib/snapshot/writer_main.c
rankferry_writer_CPPFLAGS = $(AM_CPPFLAGS) $(HDF5_CFLAGS)
rankferry_writer_CFLAGS = $(RF_CFLAGS)
rankferry_writer_LDFLAGS =
rankferry_writer_LDADD = lib/snapshot/librfsnapshot.la

rankferry_restore_SOURCES = lib/snapshot/restore_main.c lib/snapshot/standby.c lib/snapshot/standby.h
rankferry_restore_CPPFLAGS = $(AM_CPPFLAGS) $(HDF5_CFLAGS)
rankferry_restore_CFLAGS = $(RF_CFLAGS)
rankferry_restore_LDFLAGS =
rankferry_restore_LDADD = lib/snapshot/librfsnapshot.la lib/engine/librfengine.la lib/wire/librfrankmsg.la
