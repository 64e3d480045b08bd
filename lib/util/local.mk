noinst_LTLIBRARIES += lib/util/librfutil.la
lib_util_librfutil_la_SOURCES = \
	lib/util/clock.h \
	lib/util/duration.c lib/util/duration.h \
	lib/util/durable.c lib/util/durable.h \
	lib/util/error.c lib/util/error.h \
	lib/util/fd.c lib/util/fd.h \
	lib/util/hostlist.c lib/util/hostlist.h \
	lib/util/idset.c lib/util/idset.h \
	lib/util/log.c lib/util/log.h \
	lib/util/nearest.c lib/util/nearest.h \
	lib/util/private.c lib/util/private.h \
	lib/util/quantity.c lib/util/quantity.h \
	lib/util/size.c lib/util/size.h

# what the code inside ranks uses, compiled like it: never with the sanitizers
noinst_LTLIBRARIES += lib/util/librfutilrank.la
lib_util_librfutilrank_la_CFLAGS = $(RF_ENGINE_CFLAGS)
lib_util_librfutilrank_la_SOURCES = lib/util/error.c lib/util/error.h
