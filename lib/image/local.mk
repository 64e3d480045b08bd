# lib/image: capture and restore of a process
noinst_LTLIBRARIES += lib/image/librfimage.la
# part of the shim, which exports nothing of it; needs librfutilrank
lib_image_librfimage_la_CFLAGS = $(RF_CFLAGS) -fvisibility=hidden
lib_image_librfimage_la_LIBADD = lib/image/librfpages.la lib/image/librfhost.la
lib_image_librfimage_la_SOURCES = \
	lib/image/capture.c lib/image/image.h \
	lib/image/collect.c lib/image/collect.h \
	lib/image/contents.c \
	lib/image/context.c lib/image/context.h \
	lib/image/files.c lib/image/files.h \
	lib/image/interrupted.c lib/image/interrupted.h \
	lib/image/pages.c lib/image/pages.h \
	lib/image/proc.c lib/image/proc.h \
	lib/image/record.c lib/image/record.h \
	lib/image/regions.c lib/image/regions.h \
	lib/image/runs.c \
	lib/image/scratch.c lib/image/scratch.h \
	lib/image/section.c lib/image/section.h \
	lib/image/signals.c lib/image/signals.h \
	lib/image/spawn.c lib/image/spawn.h \
	lib/image/sink.h lib/image/sys.h \
	lib/image/sink_file.c lib/image/sink_file.h \
	lib/image/threads.c lib/image/threads.h \
	lib/image/pagemap.h \
	lib/image/track.c lib/image/track.h

# what a host is; keepers compare it, too
noinst_LTLIBRARIES += lib/image/librfhost.la
lib_image_librfhost_la_CFLAGS = $(RF_CFLAGS) -fvisibility=hidden
lib_image_librfhost_la_SOURCES = lib/image/cpu.c lib/image/cpu.h lib/image/kernel.c lib/image/kernel.h \
	lib/image/part.c lib/image/part.h

# chosen when the program runs
noinst_LTLIBRARIES += lib/image/librfpages.la lib/image/librfpages512.la
lib_image_librfpages_la_SOURCES = lib/image/pages_avx2.c
lib_image_librfpages_la_CFLAGS = $(RF_CFLAGS) -O2 -mavx2 -fvisibility=hidden
lib_image_librfpages_la_LIBADD = lib/image/librfpages512.la
lib_image_librfpages512_la_SOURCES = lib/image/pages_avx512.c
lib_image_librfpages512_la_CFLAGS = $(RF_CFLAGS) -O2 -mavx512f -fvisibility=hidden

# what runs without a libc, copied to a free address; see blob.h
noinst_LTLIBRARIES += lib/image/librfblob.la
lib_image_librfblob_la_SOURCES = lib/image/blob.c lib/image/blob.h
lib_image_librfblob_la_CFLAGS = $(RF_CFLAGS) -O2 -fno-stack-protector -fcf-protection=none \
	-fno-jump-tables -mgeneral-regs-only -ffreestanding -fno-builtin -fno-sanitize=all \
	-fvisibility=hidden

noinst_LTLIBRARIES += lib/image/librfrestore.la
lib_image_librfrestore_la_SOURCES = \
	lib/image/cut.c \
	lib/image/load.c lib/image/load.h \
	lib/image/parallel.c lib/image/parallel.h \
	lib/image/parts.c \
	lib/image/place.c lib/image/place.h \
	lib/image/putback.c \
	lib/image/ranges.c \
	lib/image/reopen.c lib/image/reopen.h \
	lib/image/restore.c lib/image/restore.h \
	lib/image/validate.c lib/image/verify.c \
	lib/image/vdso.c lib/image/vdso.h
lib_image_librfrestore_la_CFLAGS = $(RF_CFLAGS)
lib_image_librfrestore_la_LIBADD = lib/image/librfimage.la lib/image/librfblob.la \
	lib/util/librfutilrank.la
