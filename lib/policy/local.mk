# lib/policy: what a job does by itself
noinst_LTLIBRARIES += lib/policy/librfpolicy.la
lib_policy_librfpolicy_la_SOURCES = lib/policy/policy.c lib/policy/policy.h
lib_policy_librfpolicy_la_LIBADD = lib/util/librfutil.la
