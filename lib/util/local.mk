noinst_LTLIBRARIES += lib/util/librfutil.la
lib_util_librfutil_la_SOURCES = \
	lib/util/error.c lib/util/error.h
