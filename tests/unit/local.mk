# One program per noun, tests/unit/test_NOUN.c; unit.h says how to write one. Each needs two lines here.
UNIT_TESTS =
UNIT_LDADD = tests/unit/libunit.la lib/util/librfutil.la $(CUNIT_LIBS)
UNIT_WIRE_LDADD = lib/wire/librfwire.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/test_error
tests_unit_test_error_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_durable
tests_unit_test_durable_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_fd
tests_unit_test_fd_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_hostlist
tests_unit_test_hostlist_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_idset
tests_unit_test_idset_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_log
tests_unit_test_log_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_quantity
tests_unit_test_quantity_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_private
tests_unit_test_private_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_address
tests_unit_test_address_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_auth
tests_unit_test_auth_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_body
tests_unit_test_body_LDADD = $(UNIT_LDADD) lib/wire/librfrankmsg.la

UNIT_TESTS += tests/unit/test_channel
tests_unit_test_channel_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_message
tests_unit_test_message_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_secret
tests_unit_test_secret_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_listener
tests_unit_test_listener_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

# lib/engine: what crosses the gate is built as in the shim; the engine half never sees a sanitizer
UNIT_ENGINE_LDADD = lib/engine/librfengine.la

# AddressSanitizer has its own idea of the address space and of FS: these run without it
if !SANITIZERS
UNIT_TESTS += \
	tests/unit/test_window tests/unit/test_engine tests/unit/test_gate tests/unit/test_gate_nonpie \
	tests/unit/test_poke tests/unit/test_room
endif

tests_unit_test_window_LDADD = $(UNIT_ENGINE_LDADD) $(UNIT_LDADD)

tests_unit_test_engine_SOURCES = tests/unit/test_engine.c tests/unit/engine_half.h \
	tests/unit/engine_paths.h
tests_unit_test_engine_CFLAGS = $(RF_ENGINE_CFLAGS)
tests_unit_test_engine_LDADD = $(UNIT_ENGINE_LDADD) $(UNIT_LDADD)

tests_unit_test_gate_CFLAGS = $(RF_ENGINE_CFLAGS)
tests_unit_test_gate_LDADD = $(UNIT_ENGINE_LDADD) $(UNIT_LDADD)

tests_unit_test_gate_nonpie_SOURCES = tests/unit/test_gate.c
tests_unit_test_gate_nonpie_CFLAGS = $(RF_ENGINE_CFLAGS) -fno-pie
tests_unit_test_gate_nonpie_LDFLAGS = $(AM_LDFLAGS) -no-pie
tests_unit_test_gate_nonpie_LDADD = $(UNIT_ENGINE_LDADD) $(UNIT_LDADD)

tests_unit_test_room_LDADD = $(UNIT_ENGINE_LDADD) $(UNIT_LDADD)

tests_unit_test_poke_SOURCES = tests/unit/test_poke.c lib/mpi/poke.c lib/mpi/poke.h
tests_unit_test_poke_CFLAGS = $(RF_ENGINE_CFLAGS)
tests_unit_test_poke_LDADD = $(UNIT_ENGINE_LDADD) lib/image/librfimage.la $(UNIT_LDADD)

tests_unit_engine_half_SOURCES = tests/unit/engine_half.c
tests_unit_engine_half_CFLAGS = $(RF_ENGINE_CFLAGS) -fPIE
# engine_linked not by its .la: libtool would then put a script in the program's place
tests_unit_engine_half_LDFLAGS = -pie -Wl,--export-dynamic,--no-as-needed \
	-Wl,$(abs_builddir)/tests/unit/.libs/engine_linked.so,-rpath,$(abs_builddir)/tests/unit/.libs
tests_unit_engine_half_LDADD = lib/engine/librfprogram.la
tests_unit_engine_half_DEPENDENCIES = lib/engine/librfprogram.la tests/unit/engine_linked.la

tests_unit_engine_plugin_la_SOURCES = tests/unit/engine_plugin.c
tests_unit_engine_plugin_la_CFLAGS = $(RF_CFLAGS) -O2
tests_unit_engine_plugin_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir)

tests_unit_engine_linked_la_SOURCES = tests/unit/engine_plugin.c
tests_unit_engine_linked_la_CFLAGS = $(RF_CFLAGS) -O2 -DNAME=linked_counter -DSIZE=16
tests_unit_engine_linked_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir) \
	-Wl,-soname,engine_linked.so

tests_unit_engine_late_la_SOURCES = tests/unit/engine_plugin.c
tests_unit_engine_late_la_CFLAGS = $(RF_CFLAGS) -O2 -DSIZE=16 -ftls-model=initial-exec
tests_unit_engine_late_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir)

UNIT_TESTS += tests/unit/test_image_cpu
tests_unit_test_image_cpu_LDADD = lib/image/librfimage.la lib/util/librfutilrank.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_image_ranges
tests_unit_test_image_ranges_LDADD = lib/image/librfrestore.la $(UNIT_LDADD) -lpthread

UNIT_TESTS += tests/unit/test_image_place
tests_unit_test_image_place_LDADD = lib/image/librfrestore.la $(UNIT_LDADD) -lpthread

UNIT_TESTS += tests/unit/test_image_pages
tests_unit_test_image_pages_LDADD = lib/image/librfrestore.la $(UNIT_LDADD) -lpthread

UNIT_TESTS += tests/unit/test_snapshot_codec
tests_unit_test_snapshot_codec_LDADD = lib/snapshot/librfsnapshot.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_snapshot_store
tests_unit_test_snapshot_store_CPPFLAGS = $(AM_CPPFLAGS) $(HDF5_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_snapshot_store_LDADD = lib/snapshot/librfsnapshot.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_line
tests_unit_test_line_SOURCES = tests/unit/test_line.c \
	launcher/line.c launcher/line.h launcher/options.c launcher/options.h
tests_unit_test_line_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_line_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_control
tests_unit_test_control_SOURCES = tests/unit/test_control.c launcher/control.c launcher/control.h
tests_unit_test_control_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_control_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_events
tests_unit_test_events_SOURCES = tests/unit/test_events.c \
	launcher/events.c launcher/events.h launcher/say.c launcher/say.h
tests_unit_test_events_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) $(JANSSON_CFLAGS)
tests_unit_test_events_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS) -lpthread

UNIT_TESTS += tests/unit/test_coordinator
tests_unit_test_coordinator_SOURCES = tests/unit/test_coordinator.c \
	launcher/coordinator.c launcher/coordinator.h launcher/coordinator_parts.h \
	launcher/comparing.c launcher/crossing.c launcher/watching.c \
	launcher/events.c launcher/events.h launcher/load.c launcher/load.h \
	launcher/roster.c launcher/roster.h launcher/routes.c launcher/routes.h \
	launcher/say.c launcher/say.h
tests_unit_test_coordinator_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)
tests_unit_test_coordinator_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD) -lpthread

UNIT_TESTS += tests/unit/test_turns
tests_unit_test_turns_SOURCES = tests/unit/test_turns.c launcher/turns.c launcher/turns.h
tests_unit_test_turns_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) $(EVENT_CFLAGS)
tests_unit_test_turns_LDADD = $(UNIT_LDADD) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/test_plan
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c launcher/plan.c launcher/plan.h
tests_unit_test_plan_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_plan_LDADD = plugins/librfspread.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_refuge
tests_unit_test_refuge_SOURCES = tests/unit/test_refuge.c launcher/plan.c launcher/plan.h \
	launcher/refuge.c launcher/refuge.h
tests_unit_test_refuge_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_refuge_LDADD = plugins/librfspread.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_storing
tests_unit_test_storing_SOURCES = tests/unit/test_storing.c launcher/procs.c launcher/aside.c launcher/storing.c
tests_unit_test_storing_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_storing_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS)

UNIT_TESTS += tests/unit/test_plugin
tests_unit_test_plugin_SOURCES = tests/unit/test_plugin.c launcher/places.c launcher/plugin.c \
	launcher/plugin_spec.c launcher/say.c
tests_unit_test_plugin_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_plugin_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/test_monitors
tests_unit_test_monitors_SOURCES = tests/unit/test_monitors.c launcher/places.c launcher/plugin.c \
	launcher/plugin_spec.c launcher/say.c
tests_unit_test_monitors_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_monitors_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/test_placement
tests_unit_test_placement_SOURCES = tests/unit/test_placement.c launcher/places.c \
	launcher/plugin.c launcher/plugin_spec.c launcher/say.c
tests_unit_test_placement_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_placement_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/test_notifiers
tests_unit_test_notifiers_SOURCES = tests/unit/test_notifiers.c launcher/events.c \
	launcher/notifiers.c launcher/places.c launcher/plugin.c launcher/plugin_spec.c \
	launcher/say.c
tests_unit_test_notifiers_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_notifiers_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS) $(EVENT_LIBS)

tests_unit_monitor_bad_la_SOURCES = tests/unit/bad_plugin.c
tests_unit_monitor_bad_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir)

UNIT_TESTS += tests/unit/test_warden
tests_unit_test_warden_SOURCES = tests/unit/test_warden.c launcher/warden.c launcher/warden.h
tests_unit_test_warden_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_warden_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_balance
tests_unit_test_balance_SOURCES = tests/unit/test_balance.c launcher/balance.c launcher/balance.h
tests_unit_test_balance_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_balance_LDADD = $(UNIT_LDADD) -lm

UNIT_TESTS += tests/unit/test_loads
tests_unit_test_loads_SOURCES = tests/unit/test_loads.c launcher/loads.c launcher/loads.h
tests_unit_test_loads_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)
tests_unit_test_loads_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_shunned
tests_unit_test_shunned_SOURCES = tests/unit/test_shunned.c launcher/shunned.c launcher/shunned.h
tests_unit_test_shunned_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_shunned_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_hardware
tests_unit_test_hardware_SOURCES = tests/unit/test_hardware.c plugins/monitor/hardware.c
tests_unit_test_hardware_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_hardware_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_reach
tests_unit_test_reach_SOURCES = tests/unit/test_reach.c launcher/reach.c launcher/reach.h \
	launcher/aside.c launcher/procs.c
tests_unit_test_reach_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_reach_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_gauge
tests_unit_test_gauge_SOURCES = tests/unit/test_gauge.c launcher/gauge.c launcher/gauge.h \
	launcher/sensors.c launcher/load.c launcher/load.h launcher/relief.c launcher/relief.h
tests_unit_test_gauge_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)
tests_unit_test_gauge_LDADD = $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_interval
tests_unit_test_interval_SOURCES = tests/unit/test_interval.c launcher/interval.c launcher/interval.h
tests_unit_test_interval_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_interval_LDADD = $(UNIT_LDADD) -lm

UNIT_TESTS += tests/unit/test_likeness
tests_unit_test_likeness_SOURCES = tests/unit/test_likeness.c launcher/likeness.c launcher/likeness.h \
	launcher/aside.c launcher/procs.c
tests_unit_test_likeness_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) $(JANSSON_CFLAGS)
tests_unit_test_likeness_LDADD = lib/image/librfhost.la $(UNIT_LDADD) $(UNIT_WIRE_LDADD)

UNIT_TESTS += tests/unit/test_quiesce
tests_unit_test_quiesce_SOURCES = tests/unit/test_quiesce.c launcher/quiesce.c launcher/quiesce.h \
	launcher/targets.c launcher/targets.h
tests_unit_test_quiesce_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) $(EVENT_CFLAGS)
tests_unit_test_quiesce_LDADD = $(UNIT_LDADD) lib/wire/librfrankmsg.la $(EVENT_LIBS)

UNIT_TESTS += tests/unit/test_targets
tests_unit_test_targets_SOURCES = tests/unit/test_targets.c launcher/targets.c launcher/targets.h
tests_unit_test_targets_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_test_targets_LDADD = $(UNIT_LDADD) lib/wire/librfrankmsg.la

UNIT_TESTS += tests/unit/test_policy
tests_unit_test_policy_LDADD = lib/policy/librfpolicy.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_policy_files
tests_unit_test_policy_files_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_policy_files_LDADD = lib/policy/librfpolicy.la $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_policy_layers
tests_unit_test_policy_layers_LDADD = lib/policy/librfpolicy.la $(UNIT_LDADD)

tests_unit_libunit_la_SOURCES = tests/unit/unit.c tests/unit/unit.h
tests_unit_libunit_la_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
if HAVE_CUNIT
check_LTLIBRARIES += tests/unit/libunit.la tests/unit/engine_plugin.la tests/unit/engine_linked.la \
	tests/unit/engine_late.la tests/unit/monitor-bad.la
check_PROGRAMS += $(UNIT_TESTS) tests/unit/engine_half
TESTS += $(UNIT_TESTS)
endif

# the description of MPI against the libmpi of this build
AM_TESTS_ENVIRONMENT += \
	RF_LIBMPI='$(RF_LIBMPI)'; export RF_LIBMPI; \
	RF_SHIM='$(abs_top_builddir)/lib/mpi/.libs/librankferry-shim.so'; export RF_SHIM;
TESTS += tests/unit/test_exports.t
EXTRA_DIST += tests/unit/test_exports.t

# what needs neither hosts nor MPI: for builds with other compilers and with sanitizers
.PHONY: check-unit
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(UNIT_TESTS) tests/fuzz/seeds.t"
