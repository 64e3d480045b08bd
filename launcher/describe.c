/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "describe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "image/section.h"
#include "snapshot/chunks.h"
#include "snapshot/h5image.h"

#define ATTRIBUTE_TEXT 4096

struct flag {
	uint32_t bit;
	const char *name;
};

static json_t *flag_list(uint32_t flags, const struct flag *names)
{
	json_t *list = json_array();

	for (; names->name; names++)
		if (flags & names->bit)
			json_array_append_new(list, json_string(names->name));
	return list;
}

static json_t *text_of(const struct rf_loaded *image, uint32_t name)
{
	json_t *text = json_string(rf_loaded_name(image, name));

	/* a path may have any bytes, JSON may not */
	return text ? text : json_string("(not UTF-8)");
}

static json_int_t rows(const struct rf_loaded *image, enum rf_table table)
{
	return (json_int_t)image->tables.table[table].count;
}

static json_t *describe_process(const struct rf_loaded *image)
{
	const struct rf_process *p = rf_loaded_process(image);
	const struct rf_cpu *cpu = image->tables.table[RF_TABLE_CPU].data;
	char mask[16], model[sizeof(cpu->model) + 1];

	snprintf(mask, sizeof(mask), "%04o", p->umask);
	snprintf(model, sizeof(model), "%.*s", (int)sizeof(cpu->model), cpu->model);
	return json_pack("{s:i, s:o, s:o, s:s, s:s, s:I, s:I, s:I}", "pid", p->pid, "program",
			 text_of(image, p->exe), "directory", text_of(image, p->cwd), "umask", mask,
			 "cpu", model, "timers", rows(image, RF_TABLE_TIMERS), "pending_signals",
			 rows(image, RF_TABLE_PENDING), "locks", rows(image, RF_TABLE_LOCKS));
}

static json_t *describe_threads(const struct rf_loaded *image)
{
	const struct rf_thread *t = image->tables.table[RF_TABLE_THREADS].data;
	json_t *list = json_array();

	for (json_int_t i = 0; i < rows(image, RF_TABLE_THREADS); i++)
		json_array_append_new(
			list, json_pack("{s:i, s:s, s:I, s:I, s:I, s:b}", "tid", t[i].tid, "name",
					t[i].name, "rip", (json_int_t)t[i].context.rip, "stack",
					(json_int_t)t[i].context.rsp, "blocked",
					(json_int_t)t[i].signal_mask, "exited", t[i].exited != 0));
	return list;
}

static json_t *describe_files(const struct rf_loaded *image)
{
	static const char *const kinds[] = {
		[RF_FILE_REGULAR] = "file",	   [RF_FILE_DELETED] = "deleted file",
		[RF_FILE_DIRECTORY] = "directory", [RF_FILE_DEVICE] = "device",
		[RF_FILE_TERMINAL] = "terminal",   [RF_FILE_STDIO] = "standard stream",
		[RF_FILE_PIPE] = "pipe",
	};
	static const char *const modes[] = {"r", "w", "rw", "?"};
	const struct rf_file *f = image->tables.table[RF_TABLE_FILES].data;
	json_t *list = json_array();

	for (json_int_t i = 0; i < rows(image, RF_TABLE_FILES); i++) {
		json_t *row = json_pack("{s:i, s:s, s:s, s:b, s:I, s:I, s:I, s:o}", "fd", f[i].fd,
					"kind", kinds[f[i].kind], "mode", modes[f[i].flags & 3],
					"append", (f[i].flags & O_APPEND) != 0, "offset",
					(json_int_t)f[i].offset, "size", (json_int_t)f[i].size,
					"saved", (json_int_t)f[i].content_bytes, "name",
					text_of(image, f[i].name));

		if (f[i].same_as >= 0)
			json_object_set_new(row, "same_as", json_integer(f[i].same_as));
		json_array_append_new(list, row);
	}
	return list;
}

/* ---- memory ---- */

/* Pages with content of each region; runs and regions ascend. */
static json_int_t content_of(const struct rf_loaded *image, const struct rf_region *r, uint64_t *at)
{
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t n = image->tables.table[RF_TABLE_RUNS].count, bytes = 0;

	for (; *at < n && run[*at].address < r->end; (*at)++) {
		uint64_t from = run[*at].address, to = from + run[*at].pages * RF_PAGE_SIZE;

		from = from < r->start ? r->start : from;
		bytes += (to < r->end ? to : r->end) - from;
		if (to > r->end)
			break;
	}
	return (json_int_t)bytes;
}

static json_t *describe_regions(const struct rf_loaded *image)
{
	static const struct flag flags[] = {
		{RF_REGION_FILE, "file"},	    {RF_REGION_SHARED, "shared"},
		{RF_REGION_STACK, "stack"},	    {RF_REGION_HEAP, "heap"},
		{RF_REGION_HUGETLB, "hugetlb"},	    {RF_REGION_HUGE, "huge"},
		{RF_REGION_NOHUGE, "nohuge"},	    {RF_REGION_DONTFORK, "dontfork"},
		{RF_REGION_WIPE, "wipeonfork"},	    {RF_REGION_LOCKED, "locked"},
		{RF_REGION_NORESERVE, "noreserve"}, {0, NULL}};
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	json_t *list = json_array();
	uint64_t at = 0;

	for (json_int_t i = 0; i < rows(image, RF_TABLE_REGIONS); i++) {
		char protection[4] = "---";

		if (r[i].protection & PROT_READ)
			protection[0] = 'r';
		if (r[i].protection & PROT_WRITE)
			protection[1] = 'w';
		if (r[i].protection & PROT_EXEC)
			protection[2] = 'x';
		json_array_append_new(
			list,
			json_pack("{s:I, s:I, s:s, s:I, s:I, s:o, s:o}", "start",
				  (json_int_t)r[i].start, "end", (json_int_t)r[i].end, "protection",
				  protection, "bytes", (json_int_t)(r[i].end - r[i].start),
				  "content", content_of(image, &r[i], &at), "flags",
				  flag_list(r[i].flags, flags), "name", text_of(image, r[i].name)));
	}
	return list;
}

static json_t *describe_memory(const struct rf_loaded *image)
{
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t mapped = 0, content = 0, stored = image->source[0].pages;

	for (json_int_t i = 0; i < rows(image, RF_TABLE_REGIONS); i++)
		mapped += r[i].end - r[i].start;
	for (json_int_t i = 0; i < rows(image, RF_TABLE_RUNS); i++)
		content += run[i].pages;
	return json_pack("{s:I, s:I, s:I, s:I, s:s}", "regions", rows(image, RF_TABLE_REGIONS),
			 "mapped", (json_int_t)mapped, "content",
			 (json_int_t)(content * RF_PAGE_SIZE), "stored",
			 (json_int_t)(stored * RF_PAGE_SIZE), "stored_as",
			 image->source[0].plain || !stored ? "plain" : "compressed");
}

static json_t *describe_bases(const struct rf_loaded *image)
{
	json_t *list = json_array();

	for (unsigned i = 1; i < image->sources; i++)
		json_array_append_new(list, json_string(image->source[i].path));
	return list;
}

/* ---- the MPI section ---- */

static json_t *describe_row(const struct rf_section_view *view, uint64_t row)
{
	json_t *object = json_object();

	for (uint32_t i = 0; i < view->table->columns; i++) {
		json_t *value = view->column[i].type == RF_SECTION_TEXT
					? json_string(rf_section_text(view, row, i))
					: json_integer((json_int_t)rf_section_number(view, row, i));

		json_object_set_new(object, view->column[i].name,
				    value ? value : json_string("(not UTF-8)"));
	}
	return object;
}

/* An object with a list, or a count, for each table. */
static json_t *describe_mpi(const struct rf_loaded *image, int whole, struct rf_error *err)
{
	json_t *mpi = json_object();
	struct rf_section_view view;
	uint64_t at = 0;
	int r;

	while ((r = rf_section_next(image->tables.table[RF_TABLE_MPI].data,
				    image->tables.table[RF_TABLE_MPI].count, &at, &view, err)) ==
	       1) {
		json_t *value = whole ? json_array() : json_integer((json_int_t)view.table->rows);

		for (uint64_t i = 0; whole && i < view.table->rows; i++)
			json_array_append_new(value, describe_row(&view, i));
		json_object_set_new(mpi, view.table->name, value);
	}
	if (r == 0)
		return mpi;
	json_decref(mpi);
	return NULL;
}

/* ---- all of it ---- */

static int add_attributes(json_t *doc, const char *path, struct rf_error *err)
{
	static const char *const names[] = {"created", "host", NULL};
	char value[ATTRIBUTE_TEXT];

	for (int i = 0; names[i]; i++) {
		if (rf_h5image_attribute(path, names[i], value, sizeof(value), err))
			return -1;
		json_object_set_new(doc, names[i], json_string(value));
	}
	return 0;
}

static json_t *describe(const struct rf_loaded *image, const char *path, int whole,
			struct rf_error *err)
{
	json_t *doc = json_object(), *mpi = describe_mpi(image, whole, err);
	struct rf_seal seal;

	if (!mpi || rf_seal_read(path, &seal, err) || add_attributes(doc, path, err)) {
		json_decref(mpi);
		json_decref(doc);
		return NULL;
	}
	json_object_set_new(doc, "file", json_string(path));
	json_object_set_new(doc, "version", json_integer(seal.version));
	json_object_set_new(doc, "bytes", json_integer((json_int_t)seal.bytes));
	json_object_set_new(doc, "process", describe_process(image));
	json_object_set_new(doc, "memory", describe_memory(image));
	json_object_set_new(doc, "bases", describe_bases(image));
	json_object_set_new(doc, "threads",
			    whole ? describe_threads(image)
				  : json_integer(rows(image, RF_TABLE_THREADS)));
	json_object_set_new(doc, "files",
			    whole ? describe_files(image)
				  : json_integer(rows(image, RF_TABLE_FILES)));
	if (whole)
		json_object_set_new(doc, "regions", describe_regions(image));
	json_object_set_new(doc, "mpi", mpi);
	return doc;
}

json_t *rf_describe(const char *path, int whole, struct rf_error *err)
{
	struct rf_loaded image;
	json_t *doc = NULL;

	if (rf_h5image_tables(&image, path, err) == 0 && rf_loaded_validate(&image, err) == 0)
		doc = describe(&image, path, whole, err);
	rf_loaded_free(&image);
	return doc;
}
