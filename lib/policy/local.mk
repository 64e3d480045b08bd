# lib/policy: what a job does by itself
noinst_LTLIBRARIES += lib/policy/librfpolicy.la
lib_policy_librfpolicy_la_SOURCES = \
	lib/policy/check.c \
	lib/policy/explain.c lib/policy/explain.h \
	lib/policy/faults.c lib/policy/faults.h \
	lib/policy/format.c \
	lib/policy/keys.c lib/policy/keys.h \
	lib/policy/node.c lib/policy/node.h \
	lib/policy/plugins.c \
	lib/policy/policy.c lib/policy/policy.h \
	lib/policy/read.c lib/policy/read.h \
	lib/policy/schema.c lib/policy/schema.h \
	lib/policy/value.c lib/policy/value.h
lib_policy_librfpolicy_la_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS) $(JANSSON_CFLAGS)
lib_policy_librfpolicy_la_LIBADD = lib/util/librfutil.la $(YAML_LIBS) $(JANSSON_LIBS)
