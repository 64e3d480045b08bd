/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/collect.h"
#include "image/context.h"
#include "image/cpu.h"
#include "image/pages.h"
#include "image/proc.h"
#include "image/signals.h"
#include "image/sys.h"
#include "image/threads.h"

#include <errno.h>
#include <linux/prctl.h>
#include <linux/rseq.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#define TEXT_BYTES   (256UL << 10)
#define STACK_BYTES  (256UL << 10)
#define SIGNAL_LOOKS 100
#define BATCH_PAGES  256 /* 1 MiB: the checksum leaves it in the cache for the write */

static int no_memory(struct rf_error *err)
{
	return rf_error_set(err, ENOMEM, "no memory for the tables of an image");
}

static void open_arrays(struct rf_collect *c)
{
	for (int i = 0; i < RF_TABLES; i++)
		rf_array_open(&c->table[i], &c->scratch, rf_record_size((enum rf_table)i),
			      i == RF_TABLE_CONTENTS || i == RF_TABLE_RUNS ? 4 : 128);
	rf_array_open(&c->text, &c->scratch, 1, 256);
	rf_array_open(&c->sums, &c->scratch, sizeof(struct rf_sum), 256);
	rf_array_open(&c->stack, &c->scratch, 1, 256);
	rf_array_open(&c->wanted, &c->scratch, 1, 32);
	rf_array_open(&c->unchanged, &c->scratch, sizeof(struct rf_range), 64);
	rf_array_open(&c->memory.special, &c->scratch, sizeof(struct rf_special), 128);
	rf_array_open(&c->memory.copies, &c->scratch, sizeof(struct rf_shared_copy), 256);
	rf_array_open(&c->memory.opened, &c->scratch, sizeof(uint64_t), 256);
	rf_array_open(&c->memory.copied, &c->scratch, 1, 8);
}

static int fill_arrays(struct rf_collect *c, const struct rf_sink *sink)
{
	struct rf_array copy;

	if (sink) {
		rf_array_open(&copy, &c->scratch, 1, 256);
		if (!(c->sink = rf_array_add(&copy, sink->size)))
			return -1;
		memcpy(c->sink, sink, sink->size);
	}
	return !rf_array_add(&c->text, TEXT_BYTES) || !rf_array_add(&c->stack, STACK_BYTES) ||
			       !rf_array_add(&c->sums, BATCH_PAGES) ||
			       !rf_array_add(&c->table[RF_TABLE_PROCESS], 1) ||
			       !rf_array_add(&c->table[RF_TABLE_CPU], 1) ||
			       rf_array_name(&c->table[RF_TABLE_NAMES], "") == UINT32_MAX
		       ? -1
		       : 0;
}

struct rf_collect *rf_collect_open(const struct rf_image_hooks *hooks, const struct rf_sink *sink,
				   struct rf_error *err)
{
	unsigned n = hooks ? hooks->exclude_count : 0;
	struct rf_scratch scratch;
	struct rf_array self;
	struct rf_collect *c;

	if (n > 16) {
		rf_error_set(err, EINVAL, "more than 16 ranges of memory to leave out");
		return NULL;
	}
	if (rf_scratch_open(&scratch, err))
		return NULL;
	rf_array_open(&self, &scratch, sizeof(*c), 256);
	if (!(c = rf_array_add(&self, 1))) {
		no_memory(err);
		rf_scratch_close(&scratch);
		return NULL;
	}
	c->scratch = scratch;
	c->hooks = hooks;
	for (unsigned i = 0; i < n; i++)
		c->exclude[i] = hooks->exclude[i];
	c->exclude[n] =
		(struct rf_range){(uint64_t)scratch.base, (uint64_t)scratch.base + scratch.size};
	open_arrays(c);
	c->memory.regions = &c->table[RF_TABLE_REGIONS];
	c->memory.names = &c->table[RF_TABLE_NAMES];
	c->memory.runs = &c->table[RF_TABLE_RUNS];
	c->memory.text = &c->text;
	c->memory.exclude = c->exclude;
	c->memory.exclude_count = n + 1;
	c->descriptors = (struct rf_descriptors){.files = &c->table[RF_TABLE_FILES],
						 .locks = &c->table[RF_TABLE_LOCKS],
						 .contents = &c->table[RF_TABLE_CONTENTS],
						 .names = &c->table[RF_TABLE_NAMES],
						 .text = &c->text,
						 .hooks = hooks,
						 .own = sink ? sink->fds : NULL,
						 .own_count = sink ? RF_SINK_FDS : 0,
						 .child = -1};
	if (fill_arrays(c, sink)) {
		no_memory(err);
		rf_collect_close(c);
		return NULL;
	}
	return c;
}

void rf_collect_close(struct rf_collect *c)
{
	struct rf_scratch scratch = c->scratch; /* c lies in it */

	rf_scratch_close(&scratch);
}

/* ---- what stands in the way ---- */

struct children {
	rf_obstacle_fn obstacle;
	void *arg;
	struct rf_array *text;
	const struct rf_image_hooks *hooks;
	int own;
};

static int each_child(void *arg, int tid)
{
	struct children *c = arg;
	char path[64];
	const char *p;

	rf_proc_path(path, "/proc/self/task/", tid, "/children");
	if (rf_proc_read(path, c->text->data, c->text->committed) <= 0)
		return 0;
	for (p = c->text->data; *p >= '0' && *p <= '9'; p = rf_proc_word(p)) {
		const char *number = p;
		int pid = (int)rf_proc_decimal(&number);
		char name[64], state[512];
		const char *s;

		if (pid == c->own)
			continue;
		if (c->hooks && c->hooks->skip_child && c->hooks->skip_child(c->hooks->arg, pid))
			continue;
		rf_proc_path(name, "/proc/", pid, "/stat");
		if (rf_proc_read(name, state, sizeof(state)) <= 0 || !(s = strrchr(state, ')')))
			continue;
		/* a zombie is only an exit code, but one that the program may still wait for */
		c->obstacle(c->arg, -1, rf_proc_path(name, "process ", pid, ""),
			    s[2] == 'Z' ? "a child that has ended and was not waited for"
					: "a child process");
	}
	return 0;
}

int rf_collect_obstacles(struct rf_collect *c, rf_obstacle_fn obstacle, void *arg,
			 struct rf_error *err)
{
	struct children children = {obstacle, arg, &c->text, c->hooks, c->child};

	if (rf_descriptors_read(&c->descriptors, obstacle, arg, err) ||
	    rf_memory_regions(&c->memory, obstacle, arg, err))
		return -1;
	rf_proc_numbers("/proc/self/task", each_child, &children);
	/* the tables are read again when threads are stopped */
	c->table[RF_TABLE_FILES].count = c->table[RF_TABLE_LOCKS].count = 0;
	c->table[RF_TABLE_REGIONS].count = 0;
	c->table[RF_TABLE_NAMES].count = 1;
	return 0;
}

/* ---- the state of the process ---- */

static uint64_t clock_ns(int clock)
{
	struct timespec t;

	rf_sys(clock_gettime, clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Fields of /proc/PID/stat, numbered as in proc(5) */
static int read_stat(struct rf_collect *c, struct rf_process *p, struct rf_error *err)
{
	const struct {
		int field;
		uint64_t *to;
	} wanted[] = {{26, &p->start_code}, {27, &p->end_code}, {28, &p->start_stack},
		      {45, &p->start_data}, {46, &p->end_data}, {47, &p->start_brk},
		      {48, &p->arg_start},  {49, &p->arg_end},	{50, &p->env_start},
		      {51, &p->env_end},    {INT32_MAX, NULL}};
	const char *text;
	unsigned at = 0;

	if (rf_proc_read("/proc/self/stat", c->text.data, c->text.committed) <= 0 ||
	    !(text = strrchr(c->text.data, ')')))
		return rf_error_set(err, EIO, "cannot read /proc/self/stat");
	text = rf_proc_word(text);
	for (int field = 3; *text; field++, text = rf_proc_word(text)) {
		const char *number = text;

		if (field == wanted[at].field)
			*wanted[at++].to = (uint64_t)rf_proc_decimal(&number);
		if (*text == '\n')
			break;
	}
	if (at != sizeof(wanted) / sizeof(*wanted) - 1)
		return rf_error_set(err, EIO, "/proc/self/stat has only %u of the fields", at);
	return 0;
}

static uint32_t link_name(struct rf_collect *c, const char *link)
{
	long n = rf_sys(readlink, link, c->text.data, 4095);

	if (rf_sys_failed(n))
		return 0;
	c->text.data[n] = 0;
	return rf_array_name(&c->table[RF_TABLE_NAMES], c->text.data);
}

static int read_process(struct rf_collect *c, struct rf_process *p, struct rf_error *err)
{
	const char *value = NULL;

	p->pid = (int32_t)rf_sys(getpid);
	p->capturer = (int32_t)rf_sys(gettid);
	p->personality = (uint32_t)rf_sys(personality, 0xffffffff);
	p->dumpable = (uint32_t)rf_sys(prctl, PR_GET_DUMPABLE);
	p->thp_disable = rf_sys(prctl, PR_GET_THP_DISABLE) == 1;
	p->rseq_length = rf_context_rseq_length();
	p->brk = (uint64_t)rf_sys(brk, 0);
	p->monotonic = clock_ns(CLOCK_MONOTONIC);
	p->realtime = clock_ns(CLOCK_REALTIME);
	if (rf_proc_read("/proc/self/status", c->text.data, c->text.committed) > 0)
		value = rf_proc_value(c->text.data, "Umask:");
	if (!value)
		return rf_error_set(err, EIO, "cannot read the umask from /proc/self/status");
	for (; *value >= '0' && *value <= '7'; value++)
		p->umask = p->umask * 8 + (uint32_t)(*value - '0');
	p->cwd = link_name(c, "/proc/self/cwd");
	p->exe = link_name(c, "/proc/self/exe");
	for (unsigned i = 0; c->hooks && i < c->hooks->exclude_count; i++)
		p->reserved[p->reserved_count++] = c->hooks->exclude[i];
	return read_stat(c, p, err);
}

static int read_limits(struct rf_array *limits)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rf_limit *l = rf_array_add(limits, 1);

		if (!l)
			return -1;
		rf_sys(prlimit64, 0, i, NULL, l);
	}
	return 0;
}

/* The leader's record comes first: the restorer's first thread takes its place. */
static int own_thread(struct rf_array *threads, uint64_t signal_mask, int32_t leader)
{
	struct rf_thread *own = rf_array_add(threads, 1), *t = (struct rf_thread *)threads->data;

	if (!own)
		return -1;
	rf_context_thread(own);
	own->signal_mask = signal_mask;
	for (uint64_t i = 1; i < threads->count; i++)
		if (t[i].tid == leader) {
			struct rf_thread swap = t[0];

			t[0] = t[i];
			t[i] = swap;
		}
	return 0;
}

/*
 * A timer that runs out between a look at the pending signals and one at the timers would be in
 * neither table. So both are read again until no signal has come meanwhile.
 */
static int read_signals(struct rf_collect *c, struct rf_error *err)
{
	struct rf_array *pending = &c->table[RF_TABLE_PENDING];
	struct rf_array *timers = &c->table[RF_TABLE_TIMERS];
	uint64_t now;

	for (int i = 0; i < SIGNAL_LOOKS; i++) {
		uint64_t seen = 0;

		pending->count = timers->count = 0;
		if (rf_signals_pending(pending, &c->text, err) ||
		    rf_threads_pending(pending, &c->text, err) ||
		    rf_signals_timers(timers, &c->text, err) ||
		    rf_threads_pending_mask(&c->text, &now, err))
			return -1;
		for (uint64_t k = 0; k < pending->count; k++)
			seen |= 1UL << (((struct rf_pending *)pending->data)[k].signal - 1);
		if (seen == now)
			return 0;
	}
	return rf_error_set(err, EAGAIN, "signals arrive faster than they can be recorded");
}

int rf_collect_memory(struct rf_collect *c, uint64_t signal_mask, struct rf_error *err)
{
	struct rf_process *p = (struct rf_process *)c->table[RF_TABLE_PROCESS].data;
	long n;

	c->memory.process = p;
	if (read_process(c, p, err) || rf_memory_regions(&c->memory, NULL, NULL, err))
		return -1;
	if (own_thread(&c->table[RF_TABLE_THREADS], signal_mask, p->pid) ||
	    rf_signals_actions(&c->table[RF_TABLE_ACTIONS], rf_threads_action()) ||
	    read_limits(&c->table[RF_TABLE_LIMITS]) ||
	    rf_array_bytes(&c->table[RF_TABLE_VDSO], (const void *)p->vdso.start,
			   p->vdso.end - p->vdso.start) == UINT64_MAX)
		return no_memory(err);
	n = rf_proc_read("/proc/self/auxv", c->text.data, c->text.committed);
	if (n > 0 &&
	    rf_array_bytes(&c->table[RF_TABLE_AUXV], c->text.data, (uint64_t)n) == UINT64_MAX)
		return no_memory(err);
	return 0;
}

int rf_collect_state(struct rf_collect *c, uint64_t signal_mask, struct rf_error *err)
{
	if (read_signals(c, err) || rf_descriptors_read(&c->descriptors, NULL, NULL, err) ||
	    rf_descriptors_contents(&c->descriptors, err) || rf_collect_memory(c, signal_mask, err))
		return -1;
	if (c->hooks && c->hooks->section &&
	    c->hooks->section(c->hooks->arg, &c->section, &c->section_bytes, err))
		return -1;
	return 0;
}

/* ---- writing ---- */

static int parent_lives(struct rf_collect *c)
{
	if (c->parent && rf_sys(getppid) != c->parent)
		return rf_error_set(&c->err, ESRCH, "the captured process has ended");
	return 0;
}

/* Calls `each` for all pages in the order of the runs, in batches. `at`: pages before this batch */
static int for_batches(struct rf_collect *c,
		       int (*each)(struct rf_collect *c, const char *page, uint64_t n, uint64_t at))
{
	const struct rf_run *run = (const struct rf_run *)c->table[RF_TABLE_RUNS].data;
	uint64_t at = 0;

	for (uint64_t i = 0; i < c->table[RF_TABLE_RUNS].count; i++) {
		const char *page = rf_memory_at(&c->memory, run[i].address);

		for (uint64_t left = run[i].pages; left;) {
			uint64_t n = left < BATCH_PAGES ? left : BATCH_PAGES;

			if (each(c, page, n, at) || parent_lives(c))
				return -1;
			page += n * RF_PAGE_SIZE;
			left -= n;
			at += n;
		}
	}
	return 0;
}

static int write_batch(struct rf_collect *c, const char *page, uint64_t n, uint64_t at)
{
	struct rf_sum *sums = (struct rf_sum *)c->sums.data;

	(void)at;
	rf_pages_sum(page, n, sums);
	c->sink->given += n;
	return c->sink->pages(c->sink, page, sums, n, &c->err);
}

/* How many pages from this one on, up to n, are (`yes`) or are not in the ranges of what has not
 * changed. Copies of shared memory are at other addresses, and never are. */
static uint64_t unchanged_pages(struct rf_collect *c, const char *page, uint64_t n, int *yes)
{
	const struct rf_range *r = (const struct rf_range *)c->unchanged.data;
	uint64_t from = (uint64_t)page, end = from + n * RF_PAGE_SIZE;

	*yes = 0;
	if (!c->sink->tracking ||
	    (page >= c->scratch.base && page < c->scratch.base + c->scratch.size))
		return n;
	while (c->unchanged_at < c->unchanged.count && r[c->unchanged_at].end <= from)
		c->unchanged_at++;
	if (c->unchanged_at == c->unchanged.count || r[c->unchanged_at].start >= end)
		return n;
	*yes = r[c->unchanged_at].start <= from;
	if (!*yes)
		end = r[c->unchanged_at].start;
	else if (r[c->unchanged_at].end < end)
		end = r[c->unchanged_at].end;
	return (end - from) / RF_PAGE_SIZE;
}

static void sum_changed(struct rf_collect *c, const char *page, uint64_t n, struct rf_sum *sums)
{
	while (n) {
		int same;
		uint64_t k = unchanged_pages(c, page, n, &same);

		if (!same)
			rf_pages_sum(page, k, sums);
		for (uint64_t i = 0; same && i < k; i++)
			sums[i] = RF_SUM_UNCHANGED;
		page += k * RF_PAGE_SIZE;
		sums += k;
		n -= k;
	}
}

static int compare_batch(struct rf_collect *c, const char *page, uint64_t n, uint64_t at)
{
	struct rf_sum *sums = (struct rf_sum *)c->sums.data;
	uint8_t *wanted = rf_array_add(&c->wanted, n);

	(void)at;
	if (!wanted)
		return no_memory(&c->err);
	sum_changed(c, page, n, sums);
	return c->sink->compare(c->sink, sums, n, wanted, &c->err);
}

static int write_wanted(struct rf_collect *c, const char *page, uint64_t n, uint64_t at)
{
	const uint8_t *wanted = (const uint8_t *)c->wanted.data + at;

	for (uint64_t i = 0; i < n;) {
		uint64_t from = i;

		while (i < n && wanted[i])
			i++;
		c->sink->given += i - from;
		if (i > from &&
		    c->sink->pages(c->sink, page + from * RF_PAGE_SIZE, NULL, i - from, &c->err))
			return -1;
		while (i < n && !wanted[i])
			i++;
	}
	return 0;
}

static int write_pages(struct rf_collect *c)
{
	if (!c->sink->comparing)
		return for_batches(c, write_batch);
	return for_batches(c, compare_batch) || c->sink->compare(c->sink, NULL, 0, NULL, &c->err) ||
			       for_batches(c, write_wanted)
		       ? -1
		       : 0;
}

static int write_image(void *arg)
{
	struct rf_collect *c = arg;
	struct rf_tables tables;

	if ((c->sink->start && c->sink->start(c->sink, &c->err)) ||
	    rf_memory_runs(&c->memory, &c->pages, &c->err))
		return -1;
	for (int i = 0; i < RF_TABLES; i++) {
		tables.table[i].data = c->table[i].data;
		tables.table[i].count = c->table[i].count;
	}
	tables.table[RF_TABLE_MPI].data = (void *)c->section;
	tables.table[RF_TABLE_MPI].count = c->section_bytes;
	tables.pages = c->sink->total = c->pages;
	return c->sink->begin(c->sink, &tables, &c->err) || write_pages(c) ||
			       c->sink->end(c->sink, &c->err)
		       ? -1
		       : 0;
}

/*
 * The kernel writes the number of the CPU into a thread's rseq area whenever the thread is moved to
 * another one, and that area is in a page of the image: between its checksum and the write, too.
 */
static void register_rseq(const struct rf_collect *c, int on)
{
	const struct rf_process *p = (const struct rf_process *)c->table[RF_TABLE_PROCESS].data;
	const struct rf_thread *t = (const struct rf_thread *)c->table[RF_TABLE_THREADS].data;

	while (t->tid != p->capturer)
		t++;
	if (p->rseq_length && t->rseq)
		rf_sys(rseq, t->rseq, p->rseq_length, on ? 0 : RSEQ_FLAG_UNREGISTER,
		       RF_RSEQ_SIGNATURE);
}

int rf_collect_write(struct rf_collect *c, int parent, struct rf_error *err)
{
	int failed;

	c->parent = parent;
	register_rseq(c, 0);
	failed = rf_context_call(write_image, c, c->stack.data + STACK_BYTES);
	register_rseq(c, 1);
	rf_memory_protect(&c->memory);
	if (failed) {
		c->sink->abort(c->sink);
		if (err)
			*err = c->err;
	}
	return failed;
}
