/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/store.h"
#include "image/pages.h"
#include "snapshot/h5file.h"
#include "snapshot/h5image.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ADDRESS 0x10000000UL
#define PAGES	3

/* A small but valid image; `base` is another one whose first page is the same, or NULL. */
static int write_image(const char *path, const char *base)
{
	struct rf_region region = {ADDRESS, ADDRESS + PAGES * RF_PAGE_SIZE, 0, 3, 0, 0, 0};
	struct rf_process process = {.pid = 77, .resume = ADDRESS};
	struct rf_run runs[2] = {{ADDRESS, 0, 1, 1}, {ADDRESS + RF_PAGE_SIZE, 0, PAGES - 1, 0}};
	struct rf_run whole = {ADDRESS, 0, PAGES, 0};
	struct rf_thread thread = {.tid = 77};
	struct rf_action actions[64] = {{0}};
	struct rf_cpu cpu = {.model = "unit"};
	static unsigned char pages[PAGES * RF_PAGE_SIZE];
	struct rf_h5source source = {"", {0, 0}};
	struct rf_sum sums[PAGES];
	struct rf_h5file *f = rf_h5file_create(path, NULL);
	uint64_t offset, stored = base ? PAGES - 1 : PAGES;
	int failed = f == NULL, fd;

	memset(pages, base ? 5 : 6, sizeof(pages));
	rf_pages_sum(pages, stored, sums);
	for (int i = 0; i < RF_TABLES && !failed; i++) {
		const void *data = i == RF_TABLE_PROCESS   ? (void *)&process
				   : i == RF_TABLE_REGIONS ? (void *)&region
				   : i == RF_TABLE_THREADS ? (void *)&thread
				   : i == RF_TABLE_ACTIONS ? (void *)actions
				   : i == RF_TABLE_CPU	   ? (void *)&cpu
				   : i == RF_TABLE_NAMES   ? (void *)""
				   : i == RF_TABLE_RUNS	   ? (base ? (void *)runs : (void *)&whole)
							   : NULL;
		uint64_t count = !data ? 0 : i == RF_TABLE_ACTIONS ? 64 : 1;

		failed = rf_h5file_table(f, (enum rf_table)i, data,
					 i == RF_TABLE_RUNS && base ? 2 : count, NULL);
	}
	if (base && !failed) {
		struct rf_seal seal;
		const char *slash = strrchr(base, '/');

		failed = rf_seal_read(base, &seal, NULL);
		snprintf(source.path, sizeof(source.path), "../%.6s%s", slash - 6, slash);
		source.digest = seal.digest;
		failed |= rf_h5file_sources(f, &source, 1, NULL);
	}
	failed = failed || rf_h5file_layout(f, stored, RF_CODEC_NONE, 0, &offset, NULL);
	fd = open(path, O_WRONLY);
	failed = failed || pwrite(fd, pages, stored * RF_PAGE_SIZE, (off_t)offset) < 0;
	close(fd);
	failed = failed || rf_h5file_finish(f, sums, 1, NULL);
	rf_h5file_close(f);
	return failed;
}

static char *file_of(const char *dir, unsigned rank)
{
	char name[RF_RANK_FILE], *path = NULL;

	rf_manifest_rank_file(rank, name);
	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

/* Publishes a snapshot of two ranks; rank 0 against the one at `base`, if that is not NULL. */
static char *make_of(const char *job, const char *base, const char *id)
{
	json_t *extra = id ? json_pack("{s:s}", "id", id) : NULL;
	char *partial = rf_store_begin(unit_tmpdir(), job, NULL), *final, *a, *b, *from = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(partial);
	a = file_of(partial, 0);
	b = file_of(partial, 1);
	if (base)
		from = file_of(base, 0);
	CU_ASSERT_EQUAL_FATAL(write_image(a, from), 0);
	CU_ASSERT_EQUAL_FATAL(write_image(b, NULL), 0);
	final = rf_store_publish(partial, 2, extra, NULL);
	json_decref(extra);
	CU_ASSERT_PTR_NOT_NULL_FATAL(final);
	CU_ASSERT_NOT_EQUAL(access(partial, F_OK), 0);
	free(a);
	free(b);
	free(from);
	free(partial);
	return final;
}

static char *make(const char *job, const char *base)
{
	return make_of(job, base, NULL);
}

static char *jobdir(const char *job)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", unit_tmpdir(), job) < 0 ? NULL : path;
}

static void flip(const char *path, long at)
{
	int fd = open(path, O_RDWR);
	unsigned char c;

	CU_ASSERT_EQUAL(pread(fd, &c, 1, at), 1);
	c ^= 4;
	CU_ASSERT_EQUAL(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void test_publish(void)
{
	char *one = make("publish", NULL), *two = make("publish", NULL), *dir = jobdir("publish");
	struct rf_error err;
	unsigned *numbers;

	CU_ASSERT_PTR_NOT_NULL(strstr(one, "publish/000001"));
	CU_ASSERT_PTR_NOT_NULL(strstr(two, "publish/000002"));
	CU_ASSERT_EQUAL(rf_store_verify(one, &err), 0);
	CU_ASSERT_EQUAL(rf_store_list(dir, &numbers, NULL), 2);
	free(numbers);
	free(one);
	free(two);
	free(dir);
}

static void test_partial(void)
{
	char *partial = rf_store_begin(unit_tmpdir(), "partial", NULL), *dir = jobdir("partial");
	char *file = file_of(partial, 0), *other;
	struct rf_error err;
	unsigned *numbers;

	CU_ASSERT_EQUAL(write_image(file, NULL), 0);
	CU_ASSERT_PTR_NULL(rf_store_publish(partial, 2, NULL, &err)); /* rank 1 is missing */
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "rank-000001.h5"));
	CU_ASSERT_EQUAL(rf_store_list(dir, &numbers, NULL), 0);
	free(numbers);
	other = rf_store_begin(unit_tmpdir(), "partial", NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(other);
	CU_ASSERT_PTR_NOT_NULL(strstr(other, "000002.partial"));
	CU_ASSERT_EQUAL(rf_store_abandon(partial, NULL), 0);
	CU_ASSERT_NOT_EQUAL(access(partial, F_OK), 0);
	CU_ASSERT_EQUAL(rf_store_abandon(dir, NULL), -1); /* not one of a new snapshot */
	CU_ASSERT_PTR_NULL(rf_store_begin(unit_tmpdir(), "../x", NULL));
	free(partial);
	free(other);
	free(file);
	free(dir);
}

static void test_damage(void)
{
	char *one = make("damage", NULL), *file = file_of(one, 1), *manifest = NULL;
	struct rf_error err;
	struct rf_seal seal;

	CU_ASSERT_EQUAL_FATAL(rf_seal_read(file, &seal, NULL), 0);
	CU_ASSERT_TRUE(asprintf(&manifest, "%s/manifest.json", one) > 0);
	CU_ASSERT_EQUAL(rf_store_verify(one, NULL), 0);
	flip(file, (long)seal.pages_offset + 5000);
	CU_ASSERT_EQUAL(rf_store_verify(one, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "rank-000001.h5 is damaged: page 1"));
	flip(file, (long)seal.pages_offset + 5000);
	flip(file, (long)seal.bytes - 1);
	CU_ASSERT_EQUAL(rf_store_verify(one, NULL), -1);
	flip(file, (long)seal.bytes - 1);
	for (long at = 3; at < 400; at += 41) {
		flip(manifest, at);
		CU_ASSERT_EQUAL(rf_store_verify(one, NULL), -1);
		flip(manifest, at);
	}
	CU_ASSERT_EQUAL(rf_store_verify(one, NULL), 0);
	unlink(file);
	CU_ASSERT_EQUAL(write_image(file, NULL), 0); /* a good image, but not this one's */
	flip(manifest, 0);
	CU_ASSERT_EQUAL(rf_store_verify(one, NULL), -1);
	flip(manifest, 0);
	unlink(file);
	CU_ASSERT_EQUAL(rf_store_verify(one, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "rank-000001.h5"));
	free(one);
	free(file);
	free(manifest);
}

static void test_prune(void)
{
	char *dir = jobdir("prune"), *one = make("prune", NULL), *two = make("prune", NULL);
	char *three = make("prune", one), *four = make("prune", NULL);
	struct rf_error err;

	CU_ASSERT_EQUAL(rf_store_verify(three, &err), 0);
	CU_ASSERT_EQUAL(rf_store_prune(dir, 0, NULL, NULL), -1);
	CU_ASSERT_EQUAL(rf_store_prune(dir, 2, NULL, NULL), 1); /* 2 goes; 1 is the base of 3 */
	CU_ASSERT_EQUAL(access(one, F_OK), 0);
	CU_ASSERT_NOT_EQUAL(access(two, F_OK), 0);
	CU_ASSERT_EQUAL(rf_store_verify(three, NULL), 0);
	CU_ASSERT_EQUAL(rf_store_prune(dir, 1, NULL, NULL), 2);
	CU_ASSERT_NOT_EQUAL(access(one, F_OK), 0);
	CU_ASSERT_EQUAL(rf_store_verify(four, NULL), 0);
	free(dir);
	free(one);
	free(two);
	free(three);
	free(four);
}

static void test_prune_unknown(void)
{
	char *dir = jobdir("unknown"), *one = make("unknown", NULL), *two = make("unknown", NULL);
	char *manifest = NULL;

	CU_ASSERT_TRUE(asprintf(&manifest, "%s/manifest.json", two) > 0);
	flip(manifest, 40);
	CU_ASSERT_EQUAL(rf_store_prune(dir, 1, NULL, NULL), -1);
	CU_ASSERT_EQUAL(access(one, F_OK), 0);
	free(dir);
	free(one);
	free(two);
	free(manifest);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void test_prune_own(void)
{
	char *dir = jobdir("own"), *mine[3], *others[2];
	int i;

	mine[0] = make_of("own", NULL, "me");
	others[0] = make_of("own", NULL, "other");
	mine[1] = make_of("own", NULL, "me");
	mine[2] = make_of("own", NULL, "me");
	others[1] = make_of("own", NULL, NULL);
	CU_ASSERT_EQUAL(rf_store_prune(dir, 2, "me", NULL), 1);
	CU_ASSERT(!is_there(mine[0]) && is_there(mine[1]) && is_there(mine[2]));
	CU_ASSERT_EQUAL(rf_store_prune(dir, 1, "me", NULL), 1);
	CU_ASSERT(!is_there(mine[1]) && is_there(mine[2]));
	CU_ASSERT_EQUAL(rf_store_prune(dir, 1, "me", NULL), 0);
	CU_ASSERT_EQUAL(rf_store_prune(dir, 1, "other", NULL), 0);
	CU_ASSERT(is_there(others[0]) && is_there(others[1]));
	for (i = 0; i < 3; i++)
		free(mine[i]);
	free(others[0]);
	free(others[1]);
	free(dir);
}

/* A removal that was cut off leaves a directory that nobody takes for a snapshot, and that goes. */
static void test_sweep(void)
{
	char *dir = jobdir("sweep"), *one = make("sweep", NULL), *away = NULL, *partial;
	unsigned *numbers;

	CU_ASSERT_TRUE(asprintf(&away, "%s.removed", one) > 0);
	CU_ASSERT_EQUAL(rename(one, away), 0);
	CU_ASSERT_EQUAL(rf_store_list(dir, &numbers, NULL), 0);
	free(numbers);
	CU_ASSERT_EQUAL(rf_store_partials(dir, &numbers, NULL), 0);
	free(numbers);
	partial = rf_store_begin(unit_tmpdir(), "sweep", NULL);
	CU_ASSERT(strstr(partial, "000002.partial") != NULL); /* that is another job's perhaps */
	CU_ASSERT_EQUAL(rf_store_sweep(dir, NULL), 0);
	CU_ASSERT(!is_there(away) && is_there(partial));
	free(partial);
	free(away);
	free(one);
	free(dir);
}

static const struct unit_test tests[] = {
	{"a snapshot is numbered, published and verified", test_publish},
	{"a snapshot that is not whole is not published", test_partial},
	{"any damage is found, and its file named", test_damage},
	{"prune keeps what a kept snapshot needs", test_prune},
	{"prune removes nothing when it does not know what is needed", test_prune_unknown},
	{"prune neither removes nor counts what another job of that name has", test_prune_own},
	{"what is left of a removal that was cut off goes", test_sweep},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("snapshot_store", tests);
}
