# A target is tests/fuzz/fuzz_NAME.c, its seeds are tests/fuzz/seeds/NAME/*, and it has two lines here.
FUZZ_TARGETS = hostlist idset quantity address message auth channel manifest section image policy state calendar
FUZZ_SECONDS = 30
FUZZ_LDADD = lib/wire/librfwire.la lib/util/librfutil.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS)

check_PROGRAMS += \
	tests/fuzz/fuzz_hostlist tests/fuzz/fuzz_idset tests/fuzz/fuzz_quantity \
	tests/fuzz/fuzz_address tests/fuzz/fuzz_message tests/fuzz/fuzz_auth tests/fuzz/fuzz_channel \
	tests/fuzz/fuzz_manifest tests/fuzz/fuzz_section tests/fuzz/fuzz_image \
	tests/fuzz/fuzz_policy tests/fuzz/fuzz_state tests/fuzz/fuzz_calendar
FUZZ_DRIVER = tests/fuzz/driver.c tests/fuzz/fuzz.h

tests_fuzz_fuzz_hostlist_SOURCES = tests/fuzz/fuzz_hostlist.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_hostlist_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_idset_SOURCES = tests/fuzz/fuzz_idset.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_idset_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_quantity_SOURCES = tests/fuzz/fuzz_quantity.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_quantity_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_address_SOURCES = tests/fuzz/fuzz_address.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_address_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_message_SOURCES = tests/fuzz/fuzz_message.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_message_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_auth_SOURCES = tests/fuzz/fuzz_auth.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_auth_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_channel_SOURCES = tests/fuzz/fuzz_channel.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_channel_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/fuzz_manifest.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_manifest_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_manifest_LDADD = lib/snapshot/librfstore.la $(FUZZ_LDADD)
tests_fuzz_fuzz_section_SOURCES = tests/fuzz/fuzz_section.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_section_LDADD = lib/image/librfrestore.la $(FUZZ_LDADD)
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/fuzz_image.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_image_LDADD = lib/image/librfrestore.la $(FUZZ_LDADD)
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_policy_LDADD = lib/policy/librfpolicy.la $(FUZZ_LDADD)

tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c tests/fuzz/monitor.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_state_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_calendar_SOURCES = tests/fuzz/fuzz_calendar.c tests/fuzz/monitor.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_calendar_LDADD = $(FUZZ_LDADD)

TESTS += tests/fuzz/seeds.t
AM_TESTS_ENVIRONMENT += RF_FUZZ_TARGETS='$(FUZZ_TARGETS)'; export RF_FUZZ_TARGETS;
EXTRA_DIST += tests/fuzz/seeds.t tests/fuzz/run.sh tests/fuzz/seeds

.PHONY: fuzz
fuzz:
	$(srcdir)/tests/fuzz/run.sh $(srcdir) $(FUZZ_SECONDS) \
		"$(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(EVENT_CFLAGS)" \
		"$(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS) $(XXHASH_LIBS) $(YAML_LIBS)" \
		$(FUZZ_TARGETS)

clean-local: clean-fuzz
.PHONY: clean-fuzz
clean-fuzz:
	rm -rf tests/fuzz/bin tests/fuzz/found tests/fuzz/broken
