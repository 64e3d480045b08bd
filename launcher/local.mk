# The rankferry command, and its helpers: see launcher/minder.c, slot.c, keeper.c.
bin_PROGRAMS += launcher/rankferry
pkglibexec_PROGRAMS += launcher/rankferry-minder launcher/rankferry-slot launcher/rankferry-keeper \
	launcher/rankferry-store launcher/rankferry-plugin-host

launcher_rankferry_SOURCES = \
	launcher/command.h launcher/rankferry.c \
	launcher/announce.c launcher/announce.h \
	launcher/ask.c launcher/ask.h \
	launcher/balance.c launcher/balance.h \
	launcher/balancer.c launcher/balancer.h \
	launcher/loads.c launcher/loads.h launcher/relief.c launcher/relief.h \
	launcher/sight.c launcher/sight.h \
	launcher/control.c launcher/control.h \
	launcher/events.c launcher/events.h \
	launcher/followers.c launcher/followers.h \
	launcher/show_events.c \
	launcher/facts.c launcher/facts.h \
	launcher/aside.c launcher/aside.h launcher/storing.c launcher/storing.h \
	launcher/fault.c launcher/fault.h \
	launcher/jobs.c launcher/jobs.h \
	launcher/policies.c launcher/policies.h \
	launcher/policy.c \
	launcher/publisher.c launcher/publisher.h \
	launcher/berth.c launcher/berth.h \
	launcher/choices.c launcher/choices.h \
	launcher/shelf.c launcher/shelf.h launcher/shelving.c \
	launcher/quiesce.c launcher/quiesce.h \
	launcher/roster.c launcher/roster.h \
	launcher/service.c launcher/service.h \
	launcher/snapshots.c launcher/snapshots.h \
	launcher/taking.c launcher/taking.h launcher/timer.h \
	launcher/targets.c launcher/targets.h \
	launcher/snapshot.c launcher/status.c \
	launcher/coordinator.c launcher/coordinator.h launcher/coordinator_parts.h \
	launcher/watching.c launcher/load.c launcher/load.h \
	launcher/copying.c launcher/copying.h \
	launcher/comparing.c launcher/crossing.c \
	launcher/engines.c launcher/moves_parts.h \
	launcher/checks.h launcher/checks_host.c launcher/checks_mpi.c \
	launcher/doctor.c \
	launcher/environment.h \
	launcher/evacuate.c \
	launcher/handoff.c \
	launcher/allocation.c launcher/allocation.h launcher/generation.c launcher/generation.h \
	launcher/help.c \
	launcher/job_policy.c \
	launcher/job.c launcher/job.h launcher/job_events.c \
	launcher/interval.c launcher/interval.h \
	launcher/job_line.c launcher/job_line.h launcher/job_mpirun.c launcher/job_parts.h \
	launcher/leftovers.c launcher/leftovers.h \
	launcher/line.c launcher/line.h \
	launcher/minder.h \
	launcher/homes.c launcher/homes.h \
	launcher/last_move.c launcher/last_move.h \
	launcher/monitors.c launcher/monitors.h \
	launcher/moves.c launcher/moves.h \
	launcher/mpirun.c launcher/mpirun.h \
	launcher/notifiers.c launcher/notifiers.h \
	launcher/options.c launcher/options.h \
	launcher/placement.c launcher/placement.h \
	launcher/plan.c launcher/plan.h launcher/shunned.c launcher/shunned.h \
	launcher/plugin.c launcher/plugin.h \
	launcher/plugin_spec.c launcher/plugin_spec.h \
	launcher/plugins.c \
	launcher/move_requests.c launcher/move_requests.h \
	launcher/pause.c \
	launcher/planning.c launcher/planning.h \
	launcher/precopy.c launcher/precopy.h \
	launcher/places.c launcher/places.h \
	launcher/periodic.c launcher/periodic.h \
	launcher/procs.c launcher/procs.h \
	launcher/pruner.c launcher/pruner.h \
	launcher/detect.h \
	launcher/recover.c launcher/recover.h \
	launcher/recovery.c launcher/recovery.h \
	launcher/reach.c launcher/reach.h \
	launcher/refuge.c launcher/refuge.h \
	launcher/limit.c launcher/limit.h launcher/restart.c launcher/resume.c launcher/resume.h \
	launcher/revival.c launcher/revival.h \
	launcher/run.c \
	launcher/routes.c launcher/routes.h \
	launcher/rundir.c launcher/rundir.h \
	launcher/say.c launcher/say.h \
	launcher/sheet.c launcher/sheet.h \
	launcher/snapshot_requests.c launcher/snapshot_requests.h \
	launcher/turns.c launcher/turns.h \
	launcher/unattended.c launcher/unattended.h \
	launcher/variables.c launcher/variables.h \
	launcher/verdict.c launcher/verdict.h \
	launcher/verification.c launcher/verification.h \
	launcher/warden.c launcher/warden.h
launcher_rankferry_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(EVENT_CFLAGS) \
	$(SMARTCOLS_CFLAGS)
launcher_rankferry_LDADD = plugins/librfspread.la lib/snapshot/librfstore.la lib/policy/librfpolicy.la lib/wire/librfwire.la lib/wire/librfrankmsg.la \
	lib/engine/librfengine.la $(SMARTCOLS_LIBS) -lm

launcher_rankferry_minder_SOURCES = \
	launcher/minder.c launcher/minder.h \
	launcher/jobs.c launcher/jobs.h \
	launcher/leftovers.c launcher/leftovers.h \
	launcher/rundir.c launcher/rundir.h \
	launcher/procs.c launcher/procs.h \
	launcher/verdict.h
launcher_rankferry_minder_LDADD = lib/util/librfutil.la

# only libc: it starts once per rank
launcher_rankferry_slot_SOURCES = \
	launcher/slot.c launcher/environment.h \
	launcher/jobstep.c launcher/jobstep.h \
	launcher/identity.c launcher/identity.h \
	launcher/places.c launcher/places.h \
	launcher/procs.c launcher/procs.h \
	launcher/program.c launcher/program.h \
	launcher/rundir.c launcher/rundir.h \
	launcher/summon.c launcher/summon.h \
	launcher/verdict.c launcher/verdict.h
launcher_rankferry_slot_LDADD = lib/wire/librfrankmsg.la lib/util/librfutil.la

launcher_rankferry_keeper_SOURCES = \
	launcher/keeper.c launcher/environment.h \
	launcher/identity.c launcher/identity.h \
	launcher/detect.h \
	launcher/gauge.c launcher/gauge.h launcher/sensors.c \
	launcher/guard.c launcher/guard.h \
	launcher/keep.c launcher/keep.h \
	launcher/load.c launcher/load.h \
	launcher/order.c launcher/order.h \
	launcher/timer.h launcher/watch.c launcher/watch.h \
	launcher/carrier.c launcher/carrier.h \
	launcher/depot.c launcher/depot.h \
	launcher/helper.c launcher/helper.h \
	launcher/receiver.c launcher/receiver.h \
	launcher/leftovers.c launcher/leftovers.h \
	launcher/aside.c launcher/aside.h launcher/likeness.c launcher/likeness.h \
	launcher/lend.c launcher/lend.h launcher/links.c launcher/links.h \
	launcher/places.c launcher/places.h \
	launcher/procs.c launcher/procs.h \
	launcher/ranks.c launcher/ranks.h \
	launcher/revive.c launcher/revive.h \
	launcher/rundir.c launcher/rundir.h \
	launcher/spawn.c launcher/spawn.h \
	launcher/verdict.h
launcher_rankferry_keeper_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(EVENT_CFLAGS)
launcher_rankferry_keeper_LDADD = lib/image/librfhost.la lib/snapshot/librfstore.la lib/wire/librfwire.la lib/wire/librfrankmsg.la

# a plugin's own process: see launcher/plugin.h
launcher_rankferry_plugin_host_SOURCES = \
	launcher/plugin_core.c launcher/plugin_core.h \
	launcher/plugin_host.c \
	launcher/plugin_load.c launcher/plugin_load.h launcher/unmeasured.h \
	launcher/plugin_serve.c launcher/plugin_serve.h \
	launcher/procs.c launcher/procs.h \
	launcher/verdict.h
launcher_rankferry_plugin_host_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
launcher_rankferry_plugin_host_LDADD = lib/util/librfutil.la $(JANSSON_LIBS) -ldl

# all that needs HDF5: see launcher/store.h
launcher_rankferry_store_SOURCES = \
	launcher/store.c launcher/store.h \
	launcher/copy.c \
	launcher/describe.c launcher/describe.h \
	launcher/inspect.c launcher/list.c launcher/prune.c launcher/publish.c launcher/verify.c \
	launcher/say.c launcher/say.h \
	launcher/sheet.c launcher/sheet.h \
	launcher/verdict.h
launcher_rankferry_store_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(HDF5_CFLAGS) $(SMARTCOLS_CFLAGS)
launcher_rankferry_store_LDADD = lib/snapshot/librfsnapshot.la $(SMARTCOLS_LIBS)
