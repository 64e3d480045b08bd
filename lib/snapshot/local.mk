# lib/snapshot: images of all ranks of a job in HDF5, and the programs that write and restore them
pkglibexec_PROGRAMS += rankferry-restore
rankferry_restore_SOURCES = lib/snapshot/restore_main.c
rankferry_restore_CFLAGS = $(RF_CFLAGS)
rankferry_restore_LDFLAGS =
rankferry_restore_LDADD = lib/image/librfrestore.la -lpthread
