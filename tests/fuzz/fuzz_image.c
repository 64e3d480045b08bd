/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of an image that pass rf_loaded_validate() can be followed by whoever restores or shows
 * them. The input is a list of changes to sound tables: table (1 byte), place (2), value (1).
 */
#include "fuzz.h"

#include "image/load.h"

#define ADDRESS 0x10000000UL
#define PAGES	16

static uint64_t sum;

static void fill(struct rf_loaded *image)
{
	static const char names[] = "\0/bin/true\0/tmp";
	struct rf_source *source = rf_loaded_source(image, "fuzz", NULL);
	struct rf_process *process = rf_loaded_table(image, RF_TABLE_PROCESS, 1, NULL);
	struct rf_region *region = rf_loaded_table(image, RF_TABLE_REGIONS, 3, NULL);
	struct rf_run *run = rf_loaded_table(image, RF_TABLE_RUNS, 3, NULL);
	struct rf_thread *thread = rf_loaded_table(image, RF_TABLE_THREADS, 2, NULL);
	struct rf_file *file = rf_loaded_table(image, RF_TABLE_FILES, 3, NULL);
	struct rf_lock *lock = rf_loaded_table(image, RF_TABLE_LOCKS, 1, NULL);
	struct rf_pending *pending = rf_loaded_table(image, RF_TABLE_PENDING, 1, NULL);

	source->pages = PAGES;
	*process = (struct rf_process){.pid = 7, .cwd = 11, .exe = 1, .resume = ADDRESS};
	for (int i = 0; i < 3; i++) {
		uint64_t start = ADDRESS + (uint64_t)i * 8 * RF_PAGE_SIZE;

		region[i] = (struct rf_region){start, start + 4 * RF_PAGE_SIZE, 0, 3, 0, 1, 0};
		run[i] = (struct rf_run){start, (uint64_t)i * 4, 4, 0};
		file[i] = (struct rf_file){.fd = i, .same_as = -1, .stdio = -1, .content_bytes = 4};
	}
	thread[0].tid = 7;
	thread[1].tid = 8;
	lock->kind = RF_LOCK_POSIX;
	pending->signal = 9;
	rf_loaded_table(image, RF_TABLE_ACTIONS, 64, NULL);
	rf_loaded_table(image, RF_TABLE_CPU, 1, NULL);
	rf_loaded_table(image, RF_TABLE_TIMERS, 1, NULL);
	rf_loaded_table(image, RF_TABLE_CONTENTS, 16, NULL);
	memcpy(rf_loaded_table(image, RF_TABLE_NAMES, sizeof(names), NULL), names, sizeof(names));
	image->tables.pages = PAGES;
}

static void change(struct rf_loaded *image, const uint8_t *data, size_t size)
{
	for (; size >= 4; data += 4, size -= 4) {
		unsigned table = data[0] % RF_TABLES;
		uint64_t bytes =
			image->tables.table[table].count * rf_record_size((enum rf_table)table);

		if (bytes)
			((uint8_t *)image->tables.table[table]
				 .data)[(data[1] * 256u + data[2]) % bytes] = data[3];
	}
}

/* What place.c, reopen.c and the verbs rely on */
static void follow(const struct rf_loaded *image)
{
	const struct rf_process *p = rf_loaded_process(image);
	const struct rf_region *region = image->tables.table[RF_TABLE_REGIONS].data;
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	const struct rf_file *file = image->tables.table[RF_TABLE_FILES].data;
	const struct rf_thread *thread = image->tables.table[RF_TABLE_THREADS].data;
	const char *contents = image->tables.table[RF_TABLE_CONTENTS].data;
	uint64_t at = 0;

	sum += strlen(rf_loaded_name(image, p->cwd)) + strlen(rf_loaded_name(image, p->exe));
	FUZZ_CHECK(p->reserved_count <= 16);
	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_REGIONS].count; i++) {
		FUZZ_CHECK(region[i].start < region[i].end);
		FUZZ_CHECK(!i || region[i - 1].end <= region[i].start);
		sum += strlen(rf_loaded_name(image, region[i].name));
	}
	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_RUNS].count; i++) {
		const struct rf_source *s;
		uint64_t end = run[i].address + run[i].pages * RF_PAGE_SIZE;

		FUZZ_CHECK(run[i].source < image->sources);
		s = &image->source[run[i].source];
		FUZZ_CHECK(run[i].pages && run[i].first + run[i].pages <= s->pages);
		FUZZ_CHECK(run[i].address < end);
		while (region[at].end <= run[i].address)
			at++;
		FUZZ_CHECK(region[at].start <= run[i].address);
	}
	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_FILES].count; i++) {
		sum += strlen(rf_loaded_name(image, file[i].name)) + file[i].kind;
		for (uint64_t k = 0; k < file[i].content_bytes; k++)
			sum += (uint8_t)contents[file[i].content + k];
	}
	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_THREADS].count; i++)
		sum += strlen(thread[i].name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rf_loaded image = {0};
	struct rf_error err = {0};

	fill(&image);
	FUZZ_CHECK(rf_loaded_validate(&image, &err) == 0);
	change(&image, data, size);
	if (rf_loaded_validate(&image, &err) == 0)
		follow(&image);
	else
		FUZZ_CHECK(err.text[0]);
	rf_loaded_free(&image);
	return 0;
}
