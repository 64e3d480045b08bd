# Plugins: plugins/KIND/NAME.c becomes KIND-NAME.so, as anybody's; see docs/man/rankferry-plugin.7.
rankferrydir = $(includedir)/rankferry
rankferry_HEADERS = include/rankferry/plugin.h

pluginsdir = $(pkglibdir)/plugins
plugins_LTLIBRARIES =

PLUGIN_CPPFLAGS = -I$(top_srcdir)/include -D_GNU_SOURCE
PLUGIN_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared

plugins_LTLIBRARIES += plugins/monitor-calendar.la
plugins_monitor_calendar_la_SOURCES = plugins/monitor/calendar.c
plugins_monitor_calendar_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_monitor_calendar_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/monitor-cloud.la
plugins_monitor_cloud_la_SOURCES = plugins/monitor/cloud.c
plugins_monitor_cloud_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_monitor_cloud_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/monitor-hardware.la
plugins_monitor_hardware_la_SOURCES = plugins/monitor/hardware.c
plugins_monitor_hardware_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_monitor_hardware_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/monitor-probe.la
plugins_monitor_probe_la_SOURCES = plugins/monitor/probe.c
plugins_monitor_probe_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_monitor_probe_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/monitor-slurm.la
plugins_monitor_slurm_la_SOURCES = plugins/monitor/slurm.c
plugins_monitor_slurm_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_monitor_slurm_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/monitor-state.la
plugins_monitor_state_la_SOURCES = plugins/monitor/state.c
plugins_monitor_state_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_monitor_state_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/notify-exec.la
plugins_notify_exec_la_SOURCES = plugins/notify/exec.c
plugins_notify_exec_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_notify_exec_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/notify-jsonl.la
plugins_notify_jsonl_la_SOURCES = plugins/notify/jsonl.c
plugins_notify_jsonl_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_notify_jsonl_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/notify-prometheus.la
plugins_notify_prometheus_la_SOURCES = plugins/notify/prometheus.c
plugins_notify_prometheus_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_notify_prometheus_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/placement-pack.la
plugins_placement_pack_la_SOURCES = plugins/placement/pack.c
plugins_placement_pack_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_placement_pack_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/placement-spares.la
plugins_placement_spares_la_SOURCES = plugins/placement/spares.c
plugins_placement_spares_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_placement_spares_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_LTLIBRARIES += plugins/placement-spread.la
plugins_placement_spread_la_SOURCES = plugins/placement/spread.c
plugins_placement_spread_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_placement_spread_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# the rule if no other is set, for launcher/plan.c
noinst_LTLIBRARIES += plugins/librfspread.la
plugins_librfspread_la_SOURCES = plugins/placement/spread.c
plugins_librfspread_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -DRANKFERRY_PLUGIN_SYMBOL=rf_spread_plugin

# built by tests/e2e/t-warden.t, as a site would
EXTRA_DIST += plugins/example/flag.c
