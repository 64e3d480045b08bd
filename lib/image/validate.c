/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/load.h"

#include <errno.h>
#include <string.h>

#define USER_END    0x7ffffffff000UL
#define THREADS_MAX 100000
#define FD_MAX	    (1 << 20)

struct check {
	const struct rf_loaded *image;
	struct rf_error *err;
};

static int bad(const struct check *c, enum rf_table table, uint64_t row, const char *what)
{
	return rf_error_set(c->err, EINVAL, "%s: table of %s, row %llu: %s",
			    c->image->sources ? c->image->source[0].path : "image",
			    rf_table_name(table), (unsigned long long)row, what);
}

static const void *data(const struct check *c, enum rf_table table, uint64_t *n)
{
	*n = c->image->tables.table[table].count;
	return c->image->tables.table[table].data;
}

static int good_range(struct rf_range r)
{
	return r.start <= r.end && r.end <= USER_END && r.start % RF_PAGE_SIZE == 0 &&
	       r.end % RF_PAGE_SIZE == 0;
}

static int check_name(const struct check *c, uint32_t name)
{
	return name < c->image->tables.table[RF_TABLE_NAMES].count;
}

static int check_process(const struct check *c)
{
	uint64_t n, names;
	const struct rf_process *p = data(c, RF_TABLE_PROCESS, &n);
	const char *text = data(c, RF_TABLE_NAMES, &names);

	if (n != 1)
		return bad(c, RF_TABLE_PROCESS, n, "must have one row");
	if (!names || text[0] || text[names - 1])
		return bad(c, RF_TABLE_NAMES, 0, "does not begin and end with a zero");
	if (!check_name(c, p->cwd) || !check_name(c, p->exe) || p->reserved_count > 16)
		return bad(c, RF_TABLE_PROCESS, 0, "a name or a count is out of range");
	for (int i = 0; i < 3; i++)
		if (!good_range(p->vvar[i]))
			return bad(c, RF_TABLE_PROCESS, 0, "vvar is no range of pages");
	for (unsigned i = 0; i < p->reserved_count; i++)
		if (!good_range(p->reserved[i]))
			return bad(c, RF_TABLE_PROCESS, 0, "a reserved range is no range of pages");
	if (!good_range(p->vdso) ||
	    p->vdso.end - p->vdso.start != c->image->tables.table[RF_TABLE_VDSO].count)
		return bad(c, RF_TABLE_PROCESS, 0, "the vdso has another size than its content");
	return 0;
}

static int check_regions(const struct check *c)
{
	uint64_t n, end = 0;
	const struct rf_region *r = data(c, RF_TABLE_REGIONS, &n);

	for (uint64_t i = 0; i < n; end = r[i++].end)
		if (!good_range((struct rf_range){r[i].start, r[i].end}) || r[i].start < end ||
		    r[i].start == r[i].end || r[i].protection > 7 || !check_name(c, r[i].name))
			return bad(c, RF_TABLE_REGIONS, i, "not a region behind the one before");
	return 0;
}

/* The restorer stores a pointer there. */
static int check_resume(const struct check *c)
{
	uint64_t at = rf_loaded_process(c->image)->resume, n;
	const struct rf_region *r = data(c, RF_TABLE_REGIONS, &n);

	for (uint64_t i = 0; i < n; i++)
		if (at >= r[i].start && at < r[i].end)
			return at % 8 || (r[i].protection & 3) != 3
				       ? bad(c, RF_TABLE_PROCESS, 0, "resume is not writable")
				       : 0;
	return bad(c, RF_TABLE_PROCESS, 0, "resume is not in memory");
}

/* Every run lies in regions, and its pages in their source. */
static int check_runs(const struct check *c)
{
	uint64_t n, regions, at = 0, end = 0;
	const struct rf_run *run = data(c, RF_TABLE_RUNS, &n);
	const struct rf_region *r = data(c, RF_TABLE_REGIONS, &regions);

	for (uint64_t i = 0; i < n; i++) {
		uint64_t stop = run[i].address + run[i].pages * RF_PAGE_SIZE, covered;

		if (run[i].address % RF_PAGE_SIZE || run[i].address < end || !run[i].pages ||
		    stop > USER_END)
			return bad(c, RF_TABLE_RUNS, i, "not behind the one before");
		if (run[i].source >= c->image->sources ||
		    run[i].first > c->image->source[run[i].source].pages ||
		    run[i].pages > c->image->source[run[i].source].pages - run[i].first)
			return bad(c, RF_TABLE_RUNS, i, "names pages that are not stored");
		while (at < regions && r[at].end <= run[i].address)
			at++;
		for (covered = run[i].address; covered < stop; covered = r[at].end) {
			while (at < regions && r[at].end <= covered)
				at++;
			if (at == regions || r[at].start > covered)
				return bad(c, RF_TABLE_RUNS, i, "is not in a region");
		}
		end = stop;
	}
	return 0;
}

static int check_threads(const struct check *c)
{
	uint64_t n;
	const struct rf_thread *t = data(c, RF_TABLE_THREADS, &n);

	if (n < 1 || n > THREADS_MAX || t[0].tid != rf_loaded_process(c->image)->pid)
		return bad(c, RF_TABLE_THREADS, 0, "is not the leader, or there are too many");
	for (uint64_t i = 0; i < n; i++)
		if (memchr(t[i].name, 0, sizeof(t[i].name)) == NULL || (i && t[i].exited))
			return bad(c, RF_TABLE_THREADS, i, "is damaged");
	return 0;
}

static int check_files(const struct check *c)
{
	uint64_t n, locks, contents = c->image->tables.table[RF_TABLE_CONTENTS].count;
	const struct rf_file *f = data(c, RF_TABLE_FILES, &n);
	const struct rf_lock *l = data(c, RF_TABLE_LOCKS, &locks);

	for (uint64_t i = 0; i < n; i++)
		if (f[i].fd < 0 || f[i].fd > FD_MAX || (i && f[i].fd <= f[i - 1].fd) ||
		    !check_name(c, f[i].name) || f[i].kind > RF_FILE_PIPE || f[i].stdio > 2 ||
		    f[i].stdio < -1 || f[i].same_as >= f[i].fd || f[i].content > contents ||
		    f[i].content_bytes > contents - f[i].content)
			return bad(c, RF_TABLE_FILES, i, "is damaged");
	for (uint64_t i = 0; i < locks; i++)
		if (l[i].kind > RF_LOCK_FLOCK)
			return bad(c, RF_TABLE_LOCKS, i, "is of unknown kind");
	return 0;
}

static int check_signals(const struct check *c)
{
	uint64_t n;
	const struct rf_pending *p = data(c, RF_TABLE_PENDING, &n);
	const struct rf_timer *t;

	for (uint64_t i = 0; i < n; i++)
		if (p[i].signal < 1 || p[i].signal > 64)
			return bad(c, RF_TABLE_PENDING, i, "is no signal");
	t = data(c, RF_TABLE_TIMERS, &n);
	for (uint64_t i = 0; i < n; i++)
		if (t[i].kind > RF_TIMER_POSIX || t[i].id < 0)
			return bad(c, RF_TABLE_TIMERS, i, "is of unknown kind");
	if (c->image->tables.table[RF_TABLE_ACTIONS].count != 64)
		return bad(c, RF_TABLE_ACTIONS, 0, "must have 64 rows");
	if (c->image->tables.table[RF_TABLE_CPU].count != 1)
		return bad(c, RF_TABLE_CPU, 0, "must have one row");
	return 0;
}

int rf_loaded_validate(const struct rf_loaded *image, struct rf_error *err)
{
	struct check c = {image, err};

	return check_process(&c) || check_regions(&c) || check_resume(&c) || check_runs(&c) ||
			       check_threads(&c) || check_files(&c) || check_signals(&c)
		       ? -1
		       : 0;
}
