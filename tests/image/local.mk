# tests/image: images of plain programs, without MPI
IMAGE_TESTS = tests/image/t-plain tests/image/t-fixed tests/image/t-threads \
	tests/image/t-openmp tests/image/t-signals tests/image/t-files tests/image/t-storm \
	tests/image/t-avx tests/image/t-regions tests/image/t-track tests/image/t-saved
check_PROGRAMS += $(IMAGE_TESTS)
check_LTLIBRARIES += tests/image/libtake.la
# no sanitizers: their shadow memory cannot be captured
IMAGE_TEST_CFLAGS = $(RF_CFLAGS)
tests_image_libtake_la_SOURCES = tests/image/take.c tests/image/take.h
tests_image_libtake_la_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_libtake_la_LIBADD = lib/snapshot/librfsink.la lib/util/librfutilrank.la
IMAGE_TEST_LIBS = tests/image/libtake.la -lm -lpthread

tests_image_t_plain_SOURCES = tests/image/t-plain.c
tests_image_t_plain_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_plain_LDFLAGS =
tests_image_t_plain_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_fixed_SOURCES = tests/image/t-plain.c
tests_image_t_fixed_CFLAGS = $(IMAGE_TEST_CFLAGS) -fno-pie
tests_image_t_fixed_LDFLAGS = -no-pie
tests_image_t_fixed_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_threads_SOURCES = tests/image/t-threads.c
tests_image_t_threads_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_threads_LDFLAGS =
tests_image_t_threads_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_openmp_SOURCES = tests/image/t-openmp.c
tests_image_t_openmp_CFLAGS = $(IMAGE_TEST_CFLAGS) -fopenmp
tests_image_t_openmp_LDFLAGS =
tests_image_t_openmp_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_signals_SOURCES = tests/image/t-signals.c
tests_image_t_signals_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_signals_LDFLAGS =
tests_image_t_signals_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_files_SOURCES = tests/image/t-files.c
tests_image_t_files_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_files_LDFLAGS =
tests_image_t_files_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_storm_SOURCES = tests/image/t-storm.c
tests_image_t_storm_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_storm_LDFLAGS =
tests_image_t_storm_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_avx_SOURCES = tests/image/t-avx.c
tests_image_t_avx_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_avx_LDFLAGS =
tests_image_t_avx_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_regions_SOURCES = tests/image/t-regions.c
tests_image_t_regions_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_regions_LDFLAGS =
tests_image_t_regions_LDADD = $(IMAGE_TEST_LIBS)

tests_image_t_saved_SOURCES = tests/image/t-saved.c
tests_image_t_saved_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_saved_LDFLAGS =
tests_image_t_saved_LDADD = $(IMAGE_TEST_LIBS)
tests_image_t_track_SOURCES = tests/image/t-track.c
tests_image_t_track_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_track_LDFLAGS =
tests_image_t_track_LDADD = $(IMAGE_TEST_LIBS)

TESTS += tests/image/restore.t
EXTRA_DIST += tests/image/restore.t

check_PROGRAMS += tests/image/t-refuse
tests_image_t_refuse_SOURCES = tests/image/t-refuse.c
tests_image_t_refuse_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_refuse_LDFLAGS =
tests_image_t_refuse_LDADD = $(IMAGE_TEST_LIBS)
TESTS += tests/image/refuse.t tests/image/blob-section.t tests/image/saved.t tests/image/store.t
EXTRA_DIST += tests/image/lib.sh tests/image/refuse.t tests/image/blob-section.t tests/image/saved.t \
	tests/image/store.t

check_PROGRAMS += tests/image/t-bench
tests_image_t_bench_SOURCES = tests/image/t-bench.c
tests_image_t_bench_CFLAGS = $(IMAGE_TEST_CFLAGS)
tests_image_t_bench_LDFLAGS =
tests_image_t_bench_LDADD = $(IMAGE_TEST_LIBS)
EXTRA_DIST += tests/bench/image.sh
