# lib/engine: the loader and the gate (for the application half), and what engine programs link with
noinst_LTLIBRARIES += lib/engine/librfengine.la lib/engine/librfhook.la lib/engine/librfprogram.la

lib_engine_librfengine_la_CFLAGS = $(RF_ENGINE_CFLAGS)
lib_engine_librfengine_la_LIBADD = lib/engine/librfhook.la lib/util/librfutilrank.la
lib_engine_librfengine_la_SOURCES = \
	lib/engine/engine.c lib/engine/engine.h lib/engine/internal.h lib/engine/handoff.h \
	lib/engine/elfload.c lib/engine/elfload.h \
	lib/engine/environment.c lib/engine/environment.h \
	lib/engine/room.c lib/engine/room.h \
	lib/engine/seat.c lib/engine/seat.h \
	lib/engine/standby.c lib/engine/standby.h \
	lib/engine/start.c lib/engine/start.h \
	lib/engine/tls.c lib/engine/tls.h \
	lib/engine/gate.c lib/engine/gate.h \
	lib/engine/halves.c lib/engine/halves.h \
	lib/engine/mode.c lib/engine/mode.h \
	lib/engine/signals.c lib/engine/signals.h \
	lib/engine/threads.c lib/engine/threads.h \
	lib/engine/buildid.c lib/engine/buildid.h lib/engine/rare.h lib/engine/raw.h

# runs in the middle of the engine's system calls: no SSE registers, no calls the compiler invents
lib_engine_librfhook_la_CFLAGS = $(RF_ENGINE_CFLAGS) -mgeneral-regs-only -ffreestanding \
	-fno-builtin
lib_engine_librfhook_la_SOURCES = \
	lib/engine/window.c lib/engine/window.h \
	lib/engine/maps.c lib/engine/maps.h \
	lib/engine/latetls.c lib/engine/latetls.h \
	lib/engine/trampoline.c lib/engine/trampoline.h \
	lib/engine/syscalls.c lib/engine/syscalls.h

lib_engine_librfprogram_la_CFLAGS = $(RF_ENGINE_CFLAGS)
lib_engine_librfprogram_la_SOURCES = \
	lib/engine/program.c lib/engine/program.h lib/engine/buildid.c
