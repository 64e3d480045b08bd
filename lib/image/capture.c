/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/collect.h"
#include "image/context.h"
#include "image/cpu.h"
#include "image/sys.h"
#include "image/threads.h"
#include "image/track.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/prctl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define CHILD_NICE 10	 /* a tenth of a core beside a rank that spins on it */
#define LAST_MS	   10000 /* for the last image to be written, before the next one is taken */
#define KILLED_MS  2000	 /* for a child to end that was killed; a file system may hold it */

/* The child that writes the last image, and where it says why it failed. */
static struct {
	int pid;
	int report;
	ino_t inode; /* of the pipe: a program that closes all its fds closes this one too */
} child;

/* Set by the restorer, in the restored process only. */
static struct rf_resume *resumed;
static uint64_t others; /* threads that the restorer makes besides the capturing one */
static int leaderless;	/* the leader is not one of them: it has left by pthread_exit() */

void rf_image_init(void)
{
	rf_descriptors_init();
}

int rf_image_exchange(const int files[3], struct rf_error *err)
{
	return rf_descriptors_exchange(files, err);
}

struct found {
	struct rf_obstacle *list;
	int max, count;
};

static void note_obstacle(void *arg, int fd, const char *what, const char *why)
{
	struct found *f = arg;

	if (f->count < f->max) {
		struct rf_obstacle *o = &f->list[f->count];

		o->fd = fd;
		if (fd >= 0)
			snprintf(o->text, sizeof(o->text), "fd %d (%s) is %s", fd, what, why);
		else
			snprintf(o->text, sizeof(o->text), "%s: %s", what, why);
	}
	f->count++;
}

static int report_is_open(void)
{
	struct stat st;

	return !rf_sys_failed(rf_sys(fstat, child.report, &st)) && S_ISFIFO(st.st_mode) &&
	       st.st_ino == child.inode;
}

/* An earlier image's child and its pipe are ours, and gone before the next one is taken. */
static void name_own(struct rf_collect *c)
{
	c->child = child.pid;
	c->descriptors.child = child.pid && report_is_open() ? child.report : -1;
}

int rf_image_check(const struct rf_image_hooks *hooks, struct rf_obstacle *list, int max,
		   struct rf_error *err)
{
	struct found found = {list, max, 0};
	struct rf_collect *c = rf_collect_open(hooks, NULL, err);
	int failed;

	if (!c)
		return -1;
	name_own(c);
	failed = rf_collect_obstacles(c, note_obstacle, &found, err);
	rf_collect_close(c);
	return failed ? -1 : found.count;
}

const struct rf_resume *rf_image_resumed(void)
{
	return resumed;
}

void rf_image_go(void)
{
	rf_threads_resume();
}

/* ---- the child ---- */

static void close_all_but(const struct rf_sink *sink, int report, int second)
{
	int from = 0;

	for (;;) { /* the next fd to keep, in ascending order */
		int next = report >= from ? report : INT_MAX;

		if (second >= from && second < next)
			next = second;
		for (int i = 0; i < RF_SINK_FDS; i++)
			if (sink->fds[i] >= from && sink->fds[i] < next)
				next = sink->fds[i];
		if (next > from)
			rf_sys(close_range, from, next == INT_MAX ? UINT_MAX : (unsigned)next - 1,
			       0);
		if (next == INT_MAX)
			return;
		from = next + 1;
	}
}

static void child_main(struct rf_collect *c, int report, int parent, int leader, int eager)
{
	int failed, second = c->hooks && c->hooks->report ? c->hooks->report : -1;

	rf_sys(prctl, PR_SET_NAME, "rf-image");
	/* Nobody else waits for the image. The signal comes when the forking thread ends, which the
	 * leader does last. */
	if (leader && second < 0)
		rf_sys(prctl, PR_SET_PDEATHSIG, SIGKILL);
	if (!eager)
		rf_sys(setpriority, PRIO_PROCESS, 0, CHILD_NICE);
	close_all_but(c->sink, report, second);
	failed = rf_collect_write(c, second < 0 ? parent : 0, NULL);
	if (!failed)
		rf_error_set(&c->err, 0, RF_IMAGE_SIZES,
			     (unsigned long long)c->sink->given * RF_PAGE_SIZE,
			     (unsigned long long)c->sink->total * RF_PAGE_SIZE);
	else if (!c->err.code)
		c->err.code = EIO;
	if (failed)
		rf_sys(write, report, &c->err, sizeof(c->err));
	if (second >= 0)
		rf_sys(write, second, &c->err, sizeof(c->err));
	for (;;)
		rf_sys(exit_group, failed ? 1 : 0);
}

/* Memory that is not the application's is not copied; all that is, is. */
static void set_fork_advice(const struct rf_collect *c, int before)
{
	const struct rf_special *s = (const struct rf_special *)c->memory.special.data;

	for (unsigned i = 0; c->hooks && i < c->hooks->exclude_count; i++)
		rf_sys(madvise, c->exclude[i].start, c->exclude[i].end - c->exclude[i].start,
		       before ? MADV_DONTFORK : MADV_DOFORK);
	for (uint64_t i = 0; i < c->memory.special.count; i++, s++) {
		uint64_t n = s->range.end - s->range.start;

		if (s->flags & RF_REGION_DONTFORK) {
			int own = 1;

			for (unsigned k = 0; k < c->memory.exclude_count; k++)
				own &= s->range.end <= c->exclude[k].start ||
				       s->range.start >= c->exclude[k].end;
			rf_sys(madvise, s->range.start, n,
			       before && own ? MADV_DOFORK : MADV_DONTFORK);
		}
		if (s->flags & RF_REGION_WIPE)
			rf_sys(madvise, s->range.start, n,
			       before ? MADV_KEEPONFORK : MADV_WIPEONFORK);
	}
}

/*
 * A child without exit signal: the program's own wait() and SIGCHLD handler do not see it. The raw
 * system call leaves out the program's atfork handlers, which belong to its forks.
 */
static int fork_child(struct rf_collect *c, int eager, struct rf_error *err)
{
	int report[2], parent = (int)rf_sys(getpid), leader = parent == rf_sys(gettid);
	struct stat st;
	long pid = rf_sys(pipe2, report, O_CLOEXEC);

	if (rf_sys_failed(pid))
		return rf_error_set(err, (int)-pid, "cannot make a pipe for the snapshot");
	if (rf_memory_copy_shared(&c->memory, err)) {
		rf_sys(close, report[0]);
		rf_sys(close, report[1]);
		return -1;
	}
	set_fork_advice(c, 1);
	pid = rf_sys(clone, 0, 0, 0, 0, 0);
	if (pid == 0) {
		child_main(c, report[1], parent, leader, eager);
		__builtin_unreachable();
	}
	set_fork_advice(c, 0);
	rf_sys(close, report[1]);
	if (rf_sys_failed(pid)) {
		rf_sys(close, report[0]);
		return rf_error_set(err, (int)-pid,
				    "cannot fork to hold the snapshot (memory limit?): error %d",
				    (int)-pid);
	}
	child.pid = (int)pid;
	child.report = report[0];
	rf_sys(fstat, report[0], &st);
	child.inode = st.st_ino;
	return 0;
}

/* Without the pipe, the child itself is asked now and then. */
static long wait_child(int timeout_ms, int *status)
{
	struct timespec pause = {0, 10000000};
	long r;

	for (int waited = 0;; waited += 10) {
		r = rf_sys(wait4, child.pid, status, __WALL | WNOHANG, NULL);
		if (r != 0 || (timeout_ms >= 0 && waited >= timeout_ms))
			return r;
		rf_sys(nanosleep, &pause, NULL);
	}
}

int rf_image_wait(int timeout_ms, struct rf_error *err)
{
	struct rf_error why = {.code = EIO, .text = "the process that held the image was killed"};
	int status = 0, open = child.pid && report_is_open();
	struct pollfd p = {.fd = child.report, .events = POLLIN};
	long r;

	if (!child.pid)
		return 1;
	if (open) {
		do
			r = rf_sys(poll, &p, 1, timeout_ms);
		while (r == -EINTR);
		if (r == 0)
			return 0;
		rf_sys(read, child.report, &why, sizeof(why));
		do
			r = rf_sys(wait4, child.pid, &status, __WALL, NULL);
		while (r == -EINTR);
		rf_sys(close, child.report);
	} else if ((r = wait_child(timeout_ms, &status)) == 0)
		return 0;
	child.pid = 0;
	if (r > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 1;
	return rf_error_set(err, why.code, "%s", why.text);
}

void rf_image_cancel(void)
{
	if (child.pid) {
		rf_sys(kill, child.pid, SIGKILL);
		rf_image_wait(KILLED_MS, NULL);
	}
}

/* ---- the capture ---- */

static int after_restore(uint64_t signal_mask)
{
	rf_threads_arrive(others, leaderless);
	rf_sys(munmap, resumed->blob.start, resumed->blob.end - resumed->blob.start);
	child.pid = 0;
	rf_descriptors_init();
	rf_track_forget();
	rf_sys(rt_sigprocmask, SIG_SETMASK, &signal_mask, NULL, 8);
	return 1;
}

static int first_obstacle(struct rf_collect *c, struct rf_error *err)
{
	struct rf_obstacle first;
	struct found found = {&first, 1, 0};

	if (rf_collect_obstacles(c, note_obstacle, &found, err))
		return -1;
	if (!found.count)
		return 0;
	if (found.count == 1)
		return rf_error_set(err, ENOTSUP, "%s, which cannot be kept in an image",
				    first.text);
	return rf_error_set(err, ENOTSUP, "%s, which cannot be kept in an image (and %d more)",
			    first.text, found.count - 1);
}

static struct rf_thread *own_record(struct rf_collect *c)
{
	struct rf_thread *t = (struct rf_thread *)c->table[RF_TABLE_THREADS].data;
	long tid = rf_sys(gettid);

	others = 0;
	leaderless = t[0].exited != 0;
	for (uint64_t i = 0; i < c->table[RF_TABLE_THREADS].count; i++)
		others += t[i].tid != tid && !t[i].exited;
	while (t->tid != tid)
		t++;
	return t;
}

static int track(struct rf_collect *c, unsigned flags, struct rf_error *err)
{
	struct rf_tracked tracked;

	if (rf_track_take(&c->table[RF_TABLE_REGIONS], &c->unchanged, (flags & RF_IMAGE_KEEP) != 0,
			  &tracked))
		return rf_error_set(err, ENOMEM, "no memory to track changes");
	c->sink->since = flags & RF_IMAGE_SUMS ? 0 : tracked.since;
	c->sink->capture = tracked.now;
	return 0;
}

/* Threads are stopped. 1: in the restored process. */
static int take(struct rf_collect *c, struct rf_sink *sink, unsigned flags, uint64_t mask,
		struct rf_error *err)
{
	int memory = (flags & RF_IMAGE_MEMORY) != 0;

	((struct rf_process *)c->table[RF_TABLE_PROCESS].data)->resume = (uint64_t)&resumed;
	if (memory ? rf_collect_memory(c, mask, err) : rf_collect_state(c, mask, err))
		return -1;
	if (flags & RF_IMAGE_TRACK && track(c, flags, err))
		return -1;
	if (!memory && rf_context_save(&own_record(c)->context))
		return 1;
	if (!(flags & RF_IMAGE_SYNC))
		return fork_child(c, memory, err);
	if (rf_collect_write(c, 0, err))
		return -1;
	sink->total = c->sink->total;
	sink->given = c->sink->given;
	return 0;
}

int rf_image_capture(struct rf_sink *sink, unsigned flags, const struct rf_image_hooks *hooks,
		     struct rf_error *err)
{
	uint64_t all = ~0UL, mask;
	struct rf_collect *c;
	struct rf_error last;
	int ret;

	/* how the last one ended says nothing about this one */
	if (rf_image_wait(LAST_MS, &last) == 0)
		return rf_error_set(err, EBUSY, "the last image is still being written");
	c = rf_collect_open(hooks, sink, err);
	if (!c)
		return -1;
	rf_cpu_read((struct rf_cpu *)c->table[RF_TABLE_CPU].data);
	if ((!(flags & RF_IMAGE_MEMORY) && first_obstacle(c, err)) ||
	    rf_memory_special(&c->memory, err)) {
		rf_collect_close(c);
		return -1;
	}
	rf_sys(rt_sigprocmask, SIG_SETMASK, &all, &mask, 8);
	ret = rf_threads_stop(&c->scratch, &c->table[RF_TABLE_THREADS], hooks, err);
	if (!ret) {
		ret = take(c, sink, flags, mask, err);
		if (ret > 0)
			return after_restore(mask);
		rf_threads_resume();
	}
	rf_collect_close(c);
	rf_sys(rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8);
	return ret;
}

int rf_image_fence(const struct rf_image_hooks *hooks, struct rf_error *err)
{
	uint64_t all = ~0UL, mask;
	struct rf_scratch scratch;
	struct rf_array threads;
	int failed;

	if (rf_scratch_open(&scratch, err))
		return -1;
	rf_array_open(&threads, &scratch, sizeof(struct rf_thread), 128);
	rf_sys(rt_sigprocmask, SIG_SETMASK, &all, &mask, 8);
	failed = rf_threads_stop(&scratch, &threads, hooks, err);
	if (!failed)
		rf_threads_resume();
	rf_scratch_close(&scratch);
	rf_sys(rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8);
	return failed;
}
