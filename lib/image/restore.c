/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/restore.h"
#include "image/blob.h"
#include "image/context.h"
#include "image/cpu.h"
#include "image/kernel.h"
#include "image/place.h"
#include "image/reopen.h"
#include "image/sys.h"
#include "image/vdso.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static uint64_t rows(const struct rf_loaded *image, enum rf_table table)
{
	return image->tables.table[table].count;
}

/* ---- checks ---- */

static int check_addresses(const struct rf_loaded *image, struct rf_error *err)
{
	struct rf_ranges own = {0}, wanted = {0};
	uint64_t taken;
	int failed = rf_ranges_own(&own, err) || rf_ranges_image(&wanted, image, err);

	taken = failed ? 0 : rf_ranges_overlap(&own, &wanted);
	if (taken)
		failed = rf_error_set(err, EEXIST,
				      "the image needs the address %lx, which this program uses "
				      "itself",
				      (unsigned long)taken);
	rf_ranges_free(&own);
	rf_ranges_free(&wanted);
	return failed ? -1 : 0;
}

static int check_map_count(const struct rf_loaded *image, struct rf_error *err)
{
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
	unsigned long most = 0, need = rows(image, RF_TABLE_REGIONS) + 200;

	if (!f || fscanf(f, "%lu", &most) != 1)
		most = need;
	if (f)
		fclose(f);
	if (need > most)
		return rf_error_set(err, ENOMEM,
				    "the image has %lu memory regions, this host allows %lu; raise "
				    "vm.max_map_count",
				    need - 200, most);
	return 0;
}

/* `before` lies where the image is to be: then addresses show themselves when they are mapped. */
static int check(const struct rf_loaded *image, const struct rf_loaded *before,
		 struct rf_error *err)
{
	struct rf_cpu here;

	if (rf_loaded_validate(image, err))
		return -1;
	rf_cpu_read(&here);
	if (rf_cpu_check(image->tables.table[RF_TABLE_CPU].data, &here, err) ||
	    rf_kernel_check(err) || check_map_count(image, err) ||
	    (!before && check_addresses(image, err)))
		return -1;
	return 0;
}

int rf_restore_check(const struct rf_loaded *image, struct rf_error *err)
{
	return check(image, NULL, err) || rf_loaded_check_parts(image, err) ? -1 : 0;
}

int rf_restore_ahead(const struct rf_loaded *image, const struct rf_loaded *before,
		     struct rf_error *err)
{
	return check(image, before, err) || rf_place(image, before, 0, err) ? -1 : 0;
}

/* ---- what the restored process is told ---- */

static char *copy_environment(char *to, char ***list)
{
	size_t n = 0;

	while (environ[n])
		n++;
	*list = (char **)to;
	to += (n + 1) * sizeof(char *);
	for (size_t i = 0; i < n; i++) {
		(*list)[i] = to;
		to = stpcpy(to, environ[i]) + 1;
	}
	(*list)[n] = NULL;
	return to;
}

static size_t resume_bytes(const struct rf_loaded *image)
{
	size_t n = sizeof(struct rf_resume) + sizeof(char *);

	for (char **e = environ; *e; e++)
		n += strlen(*e) + 1 + sizeof(char *);
	n += rows(image, RF_TABLE_THREADS) * sizeof(struct rf_resumed_thread) + 8;
	return (n + RF_PAGE_SIZE - 1) & ~(RF_PAGE_SIZE - 1);
}

static struct rf_resume *make_resume(const struct rf_loaded *image, uint64_t at, size_t bytes,
				     uint64_t started)
{
	struct rf_resume *r = mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	char **list;

	if (r != (void *)at)
		return NULL;
	r->bytes = bytes;
	r->old_pid = rf_loaded_process(image)->pid;
	r->pid = getpid();
	r->started = started;
	r->threads = (uint64_t)(r + 1);
	r->count = rows(image, RF_TABLE_THREADS);
	copy_environment((char *)(r->threads + r->count * sizeof(struct rf_resumed_thread)), &list);
	r->environment = (uint64_t)list;
	return r;
}

/* ---- the zone of the blob ---- */

/* Hands out parts of the zone. The first pass, without a base, finds how much is needed. */
struct zone {
	char *base;
	size_t used;
};

static void *take(struct zone *z, size_t bytes, const void *content)
{
	char *at = z->base ? z->base + z->used : NULL;

	z->used += (bytes + 63) & ~63UL;
	if (at && content)
		memcpy(at, content, bytes);
	return at;
}

static const char *const steps[RF_BLOB_STEPS] = {
	[RF_BLOB_UNMAP] = "unmapping",
	[RF_BLOB_VDSO] = "placing the vdso",
	[RF_BLOB_MM] = "setting the heap",
	[RF_BLOB_CLONE] = "making a thread",
	[RF_BLOB_FS] = "thread registers",
	[RF_BLOB_ROBUST] = "robust mutexes",
	[RF_BLOB_RSEQ] = "restartable sequences",
	[RF_BLOB_SIGNAL] = "signal actions",
	[RF_BLOB_TIMER] = "timers",
};

static void fill_mm(const struct rf_loaded *image, struct prctl_mm_map *mm, void *auxv)
{
	const struct rf_process *p = rf_loaded_process(image);

	*mm = (struct prctl_mm_map){.start_code = p->start_code,
				    .end_code = p->end_code,
				    .start_data = p->start_data,
				    .end_data = p->end_data,
				    .start_brk = p->start_brk,
				    .brk = p->brk,
				    .start_stack = p->start_stack,
				    .arg_start = p->arg_start,
				    .arg_end = p->arg_end,
				    .env_start = p->env_start,
				    .env_end = p->env_end,
				    .auxv = auxv,
				    .auxv_size = (uint32_t)rows(image, RF_TABLE_AUXV),
				    .exe_fd = (uint32_t)-1};
}

struct building {
	const struct rf_loaded *image;
	const struct rf_ranges *keep;
	struct rf_resume *resume;
	struct rf_range area[4]; /* vvar and vdso of this process */
	int areas, move_vdso, message_fd;
	const struct rf_remain *remain;
};

static void fill_threads(const struct building *b, struct rf_plan *plan, struct zone *z)
{
	const struct rf_thread *t = b->image->tables.table[RF_TABLE_THREADS].data;
	uint64_t n = rows(b->image, RF_TABLE_THREADS);
	struct rf_blob_thread *to = take(z, n * sizeof(*to), NULL);

	for (uint64_t i = 0; i < n; i++) {
		char *stack = take(z, RF_BLOB_STACK, NULL);

		if (!z->base)
			continue;
		to[i].record = t[i];
		to[i].stack = (uint64_t)stack + RF_BLOB_STACK;
		to[i].plan = (uint64_t)plan;
		to[i].ids = (struct rf_resumed_thread *)b->resume->threads + i;
	}
	if (!z->base)
		return;
	plan->threads = to;
	plan->threads_count = n;
	plan->stack = to[0].stack;
}

static void fill_vdso(const struct building *b, struct rf_plan *plan)
{
	const struct rf_process *p = rf_loaded_process(b->image);

	for (int i = 0; b->move_vdso && i < b->areas; i++) {
		plan->vdso[i] = b->area[i];
		plan->vdso_to[i] = i < b->areas - 1 ? p->vvar[i].start : p->vdso.start;
		plan->vdsos++;
	}
}

/* Lays out everything in the zone; returns the plan, NULL in the first pass. */
static struct rf_plan *build(const struct building *b, struct zone *z)
{
	const struct rf_loaded *image = b->image;
	size_t code = (size_t)(rf_blob_end - rf_blob_start), park = 0;
	struct rf_plan *plan;
	void *keep, *actions, *pending, *timers, *auxv;

	take(z, code, rf_blob_start);
	plan = take(z, sizeof(*plan), NULL);
	keep = take(z, (b->keep->count + 4) * sizeof(struct rf_range), b->keep->range);
	actions =
		take(z, 64 * sizeof(struct rf_action), image->tables.table[RF_TABLE_ACTIONS].data);
	pending = take(z, rows(image, RF_TABLE_PENDING) * sizeof(struct rf_pending),
		       image->tables.table[RF_TABLE_PENDING].data);
	timers = take(z, rows(image, RF_TABLE_TIMERS) * sizeof(struct rf_timer),
		      image->tables.table[RF_TABLE_TIMERS].data);
	auxv = take(z, rows(image, RF_TABLE_AUXV), image->tables.table[RF_TABLE_AUXV].data);
	fill_threads(b, plan, z);
	z->used = (z->used + RF_PAGE_SIZE - 1) & ~(RF_PAGE_SIZE - 1);
	for (int i = 0; i < b->areas; i++)
		park += b->area[i].end - b->area[i].start;
	if (plan) {
		plan->park = (uint64_t)z->base + z->used;
		plan->message_fd = b->message_fd;
		plan->pid = getpid();
		plan->keep = keep;
		plan->keeps = b->keep->count;
		plan->actions = actions;
		plan->pending = pending;
		plan->pendings = rows(image, RF_TABLE_PENDING);
		plan->timers = timers;
		plan->timers_count = rows(image, RF_TABLE_TIMERS);
		plan->rseq_length = rf_loaded_process(image)->rseq_length;
		fill_mm(image, &plan->mm, auxv);
		fill_vdso(b, plan);
		for (int i = 0; i < RF_BLOB_STEPS; i++)
			snprintf(plan->step[i], sizeof(plan->step[i]), "rankferry: restore: %s",
				 steps[i]);
	}
	z->used += park;
	return plan;
}

/* ---- the process itself ---- */

static int restore_limits(const struct rf_loaded *image)
{
	const struct rf_limit *l = image->tables.table[RF_TABLE_LIMITS].data;

	for (uint64_t i = 0; i < rows(image, RF_TABLE_LIMITS) && i < RLIM_NLIMITS; i++) {
		struct rlimit now;

		if (getrlimit((__rlimit_resource_t)i, &now))
			continue;
		now.rlim_cur = l[i].soft < now.rlim_max ? l[i].soft : now.rlim_max;
		setrlimit((__rlimit_resource_t)i, &now);
	}
	return 0;
}

static void restore_attributes(const struct rf_loaded *image)
{
	const struct rf_process *p = rf_loaded_process(image);

	umask((mode_t)p->umask);
	personality(p->personality);
	prctl(PR_SET_THP_DISABLE, p->thp_disable, 0, 0, 0);
	if (p->dumpable < 2)
		prctl(PR_SET_DUMPABLE, p->dumpable, 0, 0, 0);
	restore_limits(image);
}

/* glibc has registered this thread's; the kernel takes only one per thread. */
static void forget_rseq(void)
{
	struct rf_thread own = {0};
	uint64_t n = rf_context_rseq_length();

	rf_context_thread(&own);
	if (n)
		rf_sys(rseq, own.rseq, n, 1, RF_RSEQ_SIGNATURE);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Two free places: for what stays with the restored process, and for the blob. */
static int choose_places(const struct building *b, uint64_t *resume, size_t resume_size,
			 uint64_t *zone, size_t zone_size, struct rf_error *err)
{
	const struct rf_process *p = rf_loaded_process(b->image);
	struct rf_ranges used = {0};
	int failed = rf_ranges_own(&used, err) || rf_ranges_image(&used, b->image, err);

	for (unsigned i = 0; i < p->reserved_count && !failed; i++)
		failed = rf_ranges_add(&used, p->reserved[i].start, p->reserved[i].end);
	rf_ranges_sort(&used);
	*resume = rf_ranges_gap(&used, resume_size);
	if (!failed && *resume)
		failed = rf_ranges_add(&used, *resume, *resume + resume_size);
	rf_ranges_sort(&used);
	*zone = rf_ranges_gap(&used, zone_size);
	rf_ranges_free(&used);
	if (failed || !*resume || !*zone)
		return rf_error_set(err, ENOMEM, "no free address range for the restore");
	return 0;
}

/* Everything that stays mapped when this program is gone. */
static int list_kept(struct building *b, struct rf_ranges *keep, struct rf_error *err)
{
	if (rf_ranges_image(keep, b->image, err))
		return -1;
	if (!b->move_vdso)
		for (int i = 0; i < b->areas; i++)
			if (rf_ranges_add(keep, b->area[i].start, b->area[i].end))
				return -1;
	if (b->remain && rf_ranges_add(keep, b->remain->range.start, b->remain->range.end))
		return -1;
	rf_ranges_sort(keep);
	return 0;
}

static int high_stderr(int base)
{
	int fd = fcntl(2, F_DUPFD_CLOEXEC, base);

	return fd < 0 ? -1 : fd;
}

int rf_restore(const struct rf_loaded *image, unsigned flags, const struct rf_shared_files *shared,
	       const struct rf_remain *remain, struct rf_error *err)
{
	const struct rf_process *p = rf_loaded_process(image);
	const struct rf_loaded *before = remain ? remain->placed : NULL;
	struct building b = {.image = image, .message_fd = -1, .remain = remain};
	struct rf_ranges keep = {0};
	struct rf_reopen files;
	struct zone measure = {0}, zone = {0};
	struct rf_plan *plan;
	uint64_t started = now_ns(), resume_at, zone_at;
	uint64_t all = ~0UL;
	size_t resume_size;

	/* with what remains, an engine is here already, and the two hosts have been compared */
	if (check(image, before, err) || (!remain && rf_loaded_check_parts(image, err)) ||
	    rf_reopen_prepare(&files, image, shared, remain, err))
		return -1;
	if (chdir(rf_loaded_name(image, p->cwd)))
		return rf_error_errno(err, "cannot change to the working directory %s",
				      rf_loaded_name(image, p->cwd));
	b.areas = rf_vdso_own(b.area, err);
	if (b.areas < 0)
		return -1;
	b.move_vdso = !(flags & RF_RESTORE_REDIRECT_VDSO) && rf_vdso_same(image, b.area, b.areas);
	if (rf_place(image, before, flags & RF_RESTORE_LAZY, err) ||
	    (!b.move_vdso && rf_vdso_redirect(image, b.area[b.areas - 1], err)) ||
	    list_kept(&b, &keep, err))
		return -1;

	if (remain && remain->prepare(remain->arg, err))
		return -1;
	resume_size = resume_bytes(image);
	/* the two ranges are added to `keep` before it is copied into the zone */
	b.keep = &keep;
	keep.count += 2;
	build(&b, &measure);
	keep.count -= 2;
	measure.used = (measure.used + RF_PAGE_SIZE - 1) & ~(RF_PAGE_SIZE - 1);
	if (choose_places(&b, &resume_at, resume_size, &zone_at, measure.used, err))
		return -1;
	b.resume = make_resume(image, resume_at, resume_size, started);
	zone.base = mmap((void *)zone_at, measure.used, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (!b.resume || zone.base != (void *)zone_at ||
	    rf_ranges_add(&keep, resume_at, resume_at + resume_size) ||
	    rf_ranges_add(&keep, zone_at, zone_at + measure.used))
		return rf_error_errno(err, "cannot map memory for the restore");
	rf_ranges_sort(&keep);
	b.resume->blob = (struct rf_range){zone_at, zone_at + measure.used};
	b.message_fd = high_stderr(files.base);
	*(struct rf_resume **)p->resume = b.resume;
	plan = build(&b, &zone);
	plan->zone = b.resume->blob;

	if (rf_place_protect(image, err) || rf_reopen_install(&files, b.message_fd, err))
		return -1;
	rf_sys(rt_sigprocmask, SIG_SETMASK, &all, NULL, 8);
	restore_attributes(image);
	forget_rseq();
	((void (*)(struct rf_plan *))(zone.base + ((const char *)rf_blob_entry - rf_blob_start)))(
		plan);
	__builtin_unreachable();
}
