/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs on any stack and any thread block: compiled without SSE, calls nothing that uses TLS.
 */
#define _GNU_SOURCE
#include "engine/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "engine/internal.h"
#include "engine/latetls.h"
#include "engine/trampoline.h"

/* What is done with a call: */
enum kind {
	DO_PLAIN = 0,
	DO_MMAP,
	DO_MUNMAP,
	DO_MREMAP,
	DO_BRK,
	DO_SHMAT,
	DO_TID_ADDRESS,
	DO_SIGACTION,
	DO_EXIT_GROUP,
	DO_CLOSE,
	DO_CLOSE_RANGE,
	DO_FCNTL,
	DO_OPENS,     /* returns an fd */
	DO_PAIR_ARG0, /* fills int[2] at its first argument */
	DO_PAIR_ARG3, /* ... at its fourth */
};

static const unsigned char kinds[512] = {
	[SYS_mmap] = DO_MMAP,
	[SYS_munmap] = DO_MUNMAP,
	[SYS_mremap] = DO_MREMAP,
	[SYS_brk] = DO_BRK,
	[SYS_shmat] = DO_SHMAT,
	[SYS_set_tid_address] = DO_TID_ADDRESS,
	[SYS_rt_sigaction] = DO_SIGACTION,
	[SYS_exit_group] = DO_EXIT_GROUP,
	[SYS_close] = DO_CLOSE,
	[SYS_close_range] = DO_CLOSE_RANGE,
	[SYS_fcntl] = DO_FCNTL,
	[SYS_open] = DO_OPENS,
	[SYS_openat] = DO_OPENS,
	[SYS_creat] = DO_OPENS,
	[SYS_socket] = DO_OPENS,
	[SYS_accept] = DO_OPENS,
	[SYS_accept4] = DO_OPENS,
	[SYS_dup] = DO_OPENS,
	[SYS_dup2] = DO_OPENS,
	[SYS_dup3] = DO_OPENS,
	[SYS_epoll_create] = DO_OPENS,
	[SYS_epoll_create1] = DO_OPENS,
	[SYS_eventfd] = DO_OPENS,
	[SYS_eventfd2] = DO_OPENS,
	[SYS_timerfd_create] = DO_OPENS,
	[SYS_memfd_create] = DO_OPENS,
	[SYS_signalfd] = DO_OPENS,
	[SYS_signalfd4] = DO_OPENS,
	[SYS_inotify_init] = DO_OPENS,
	[SYS_inotify_init1] = DO_OPENS,
	[SYS_perf_event_open] = DO_OPENS,
	[SYS_pidfd_open] = DO_OPENS,
	[SYS_pipe] = DO_PAIR_ARG0,
	[SYS_pipe2] = DO_PAIR_ARG0,
	[SYS_socketpair] = DO_PAIR_ARG3,
};

int rf_hook_wants(long nr)
{
	return nr == -1 || (nr >= 0 && nr < 512 && kinds[nr] != DO_PLAIN);
}

/* The path of an open file, for messages and names: at most room - 1 bytes, and a final zero. */
static void path_of(int fd, char *path, size_t room)
{
	char link[32] = "/proc/self/fd/", digits[12];
	unsigned int i = 14, k = 0;
	long length;

	do
		digits[k++] = (char)('0' + fd % 10);
	while (fd /= 10);
	while (k)
		link[i++] = digits[--k];
	length = rf_raw3(SYS_readlink, link, path, room - 1);
	path[length > 0 ? length : 0] = '\0';
}

/*
 * Which libraries have system calls of their own that matter. Scanning all of an MPI's 60 libraries
 * takes 20 ms and finds nothing in the others; those that must not map by themselves (UCX's hooks,
 * Open MPI's patcher) are also told so by the environment.
 */
static int scanned(int fd)
{
	static const char *const names[] = {"libc.so",	"libc-",  "libpthread",
					    "ld-linux", "libucm", "libopen-pal"};
	char path[512];
	const char *base = path;
	unsigned int i, n;

	path_of(fd, path, sizeof(path));
	for (i = 0; path[i]; i++)
		if (path[i] == '/')
			base = path + i + 1;
	for (n = 0; n < sizeof(names) / sizeof(*names); n++) {
		for (i = 0; names[n][i] && base[i] == names[n][i]; i++)
			;
		if (!names[n][i])
			return 1;
	}
	return 0;
}

/* Text of a library was mapped and has not run yet. It ends where the file ends. */
static void patch_mapped(struct rf_engine *engine, long at, long length, long fd, long offset)
{
	long st[18]; /* struct stat of the kernel: st_size is the seventh word */

	if (!scanned((int)fd) || rf_raw3(SYS_fstat, fd, st, 0))
		return;
	if (offset + length > st[6])
		length = st[6] - offset;
	if (length > 0 && rf_trampoline_patch(&engine->window, (void *)at, (unsigned long)length, 0,
					      &engine->patched))
		engine->patched.missed++;
}

static void put_text(char *to, size_t *used, size_t room, const char *text)
{
	while (*text && *used < room)
		to[(*used)++] = *text++;
}

/* The beginning of a library was mapped while the engine runs. Does shared mode allow it? */
static int may_open(const struct rf_engine *engine, long at, long length, long fd)
{
	char text[1024], path[512];
	size_t used = 0;
	long st[18];

	if (!engine->handoff.shared || engine->state != RF_ENGINE_LOADED ||
	    rf_raw3(SYS_fstat, fd, st, 0) ||
	    !rf_late_tls((const void *)at, (unsigned long)length, (unsigned long)st[6]))
		return 1;
	path_of((int)fd, path, sizeof(path));
	put_text(text, &used, sizeof(text), "rankferry: the MPI library cannot open ");
	put_text(text, &used, sizeof(text), path);
	put_text(text, &used, sizeof(text),
		 ": it has thread-local variables of the initial-exec kind. Set RANKFERRY_GATE="
		 "fsgsbase in the environment of mpirun if it is needed.\n");
	rf_raw3(SYS_write, 2, text, used);
	return 0;
}

static long hook_mmap(struct rf_engine *engine, long a, long len, long prot, long flags, long fd,
		      long offset)
{
	struct rf_window *w = &engine->window;
	long at;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		at = rf_raw6(SYS_mmap, a, len, prot, flags, fd, offset);
		if (at > 0 && rf_window_has(w, (unsigned long)at, (unsigned long)len)) {
			if (rf_window_mark(w, (unsigned long)at, (unsigned long)len)) {
				rf_raw3(SYS_munmap, at, len, 0);
				return -ENOMEM;
			}
		} else if (at > 0) {
			w->escaped++;
			w->escaped_at = (unsigned long)at;
		}
	} else {
		unsigned long to = rf_window_take(w, (unsigned long)len);

		if (!to)
			return len ? -ENOMEM : -EINVAL;
		at = rf_raw6(SYS_mmap, (long)to, len, prot,
			     (flags & ~MAP_32BIT) | MAP_FIXED_NOREPLACE, fd, offset);
		if (at != (long)to)
			rf_window_free(w, to, (unsigned long)len);
	}
	if (at > 0 && fd >= 0 && !offset && (prot & PROT_READ) &&
	    !(flags & (MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)) && !may_open(engine, at, len, fd)) {
		rf_raw3(SYS_munmap, at, len, 0);
		rf_window_free(w, (unsigned long)at, (unsigned long)len);
		return -EPERM;
	}
	if (at > 0 && (prot & PROT_EXEC) && fd >= 0 && !(flags & (MAP_SHARED | MAP_ANONYMOUS)))
		patch_mapped(engine, at, len, fd, offset);
	return at;
}

static long hook_mremap(struct rf_window *w, long a, long old, long len, long flags, long to)
{
	unsigned long from = (unsigned long)a, had = RF_PAGE_UP(old), wants = RF_PAGE_UP(len), at;
	long ret;

	if (flags & MREMAP_FIXED) {
		ret = rf_raw6(SYS_mremap, a, old, len, flags, to, 0);
		if (ret > 0 && rf_window_has(w, (unsigned long)ret, wants)) {
			rf_window_mark(w, (unsigned long)ret, wants);
			if (had)
				rf_window_free(w, from, had);
		}
		return ret;
	}
	if (wants <= had) {
		ret = rf_raw6(SYS_mremap, a, old, len, flags, 0, 0);
		if (ret > 0 && wants < had && rf_window_has(w, from, had))
			rf_window_free(w, from + wants, had - wants);
		return ret;
	}
	if (rf_window_extend(w, from + had, wants - had)) {
		ret = rf_raw6(SYS_mremap, a, old, len, flags & ~MREMAP_MAYMOVE, 0, 0);
		if (ret > 0)
			return ret;
		rf_window_free(w, from + had, wants - had);
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	at = rf_window_take(w, wants);
	if (!at)
		return -ENOMEM;
	ret = rf_raw6(SYS_mremap, a, old, len, flags | MREMAP_FIXED, (long)at, 0);
	if (ret == (long)at) {
		if (had && !(flags & MREMAP_DONTUNMAP))
			rf_window_free(w, from, had);
	} else {
		rf_window_free(w, at, wants);
	}
	return ret;
}

static long hook_brk(struct rf_window *w, unsigned long to)
{
	unsigned long old = RF_PAGE_UP(w->brk), new = RF_PAGE_UP(to);

	if (to < w->heap || to > w->end)
		return (long)w->brk;
	if (new > old && rf_raw6(SYS_mmap, (long)old, (long)(new - old), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (long)old)
		return (long)w->brk;
	if (new < old)
		rf_raw3(SYS_munmap, new, old - new, 0);
	w->brk = to;
	return (long)to;
}

static long hook_shmat(struct rf_window *w, long id, long at, long flags)
{
	struct shmid_ds ds;
	unsigned long to;
	long ret;

	if (at)
		return rf_raw3(SYS_shmat, id, at, flags);
	ret = rf_raw3(SYS_shmctl, id, IPC_STAT, &ds);
	if (ret < 0)
		return ret;
	to = rf_window_take(w, ds.shm_segsz);
	if (!to)
		return -ENOMEM;
	ret = rf_raw3(SYS_shmat, id, to, flags);
	if (ret != (long)to)
		rf_window_free(w, to, ds.shm_segsz);
	return ret;
}

/*
 * Signals are the application's. The engine's handlers are remembered and never installed: an
 * engine's libc would otherwise take SIGSETXID away from the application's at its first thread.
 */
static long hook_sigaction(struct rf_window *w, long sig, const uint64_t *new, uint64_t *old)
{
	int i;

	if (sig < 1 || sig > 64)
		return -EINVAL;
	for (i = 0; i < 4; i++) {
		uint64_t had = w->actions[sig][i];

		if (new)
			w->actions[sig][i] = new[i];
		if (old)
			old[i] = had;
	}
	return 0;
}

RF_HIDDEN long rf_hook_syscall(long nr, long a, long b, long c, long d, long e, long f,
			       unsigned long ret) __attribute__((used));

/*
 * A thread of the engine may be ended anywhere (threads.c), but not between a system call that
 * opens or closes a descriptor and the note of it, or the descriptor would be left open for good.
 * As in a restartable sequence, rf_hook_holds_fd() tells such a place by the instruction pointer;
 * from the first label of each function to its second it is: done, and not noted, or noted, and not
 * done.
 */
extern const char rf_opens_done[] RF_HIDDEN, rf_opens_noted[] RF_HIDDEN;
extern const char rf_closes_noted[] RF_HIDDEN, rf_closes_done[] RF_HIDDEN;

struct call {
	long nr, a, b, c, d, e, f;
};

/* These have labels in assembly, so there may be one copy of each. */
#ifdef __clang__
#define RF_ONCE __attribute__((noinline))
#else
#define RF_ONCE __attribute__((noinline, noclone))
#endif

/* The call's result is one descriptor, or `pair` holds two; fds may be NULL: note nothing. */
static RF_ONCE long opens(const struct call *call, uint64_t *fds, const int *pair)
{
	register long r10 __asm__("r10") = call->d;
	register long r8 __asm__("r8") = call->e;
	register long r9 __asm__("r9") = call->f;
	long ret;

	__asm__ volatile(
		"	syscall\n"
		"rf_opens_done:\n"
		"	test %%rax,%%rax\n"
		"	js rf_opens_noted\n"
		"	test %[fds],%[fds]\n"
		"	jz rf_opens_noted\n"
		"	mov %%eax,%%ecx\n"
		"	test %[pair],%[pair]\n"
		"	jz 1f\n"
		"	mov (%[pair]),%%ecx\n"
		"	cmp %[most],%%ecx\n"
		"	jae 0f\n"
		"	lock bts %%rcx,(%[fds])\n" /* the bit may lie beyond the first word */
		"0:	mov 4(%[pair]),%%ecx\n"
		"1:	cmp %[most],%%ecx\n"
		"	jae rf_opens_noted\n"
		"	lock bts %%rcx,(%[fds])\n"
		"rf_opens_noted:\n"
		: "=a"(ret)
		: "a"(call->nr), "D"(call->a), "S"(call->b), "d"(call->c), "r"(r10), "r"(r8),
		  "r"(r9), [fds] "r"(fds), [pair] "r"(pair), [most] "i"(RF_WINDOW_FDS)
		: "rcx", "r11", "memory", "cc");
	return ret;
}

static RF_ONCE long closes(long fd, uint64_t *fds)
{
	long ret;

	__asm__ volatile(
		"	test %[fds],%[fds]\n"
		"	jz rf_closes_noted\n"
		"	cmp %[most],%%rdi\n"
		"	jae rf_closes_noted\n"
		"	lock btr %%rdi,(%[fds])\n"
		"rf_closes_noted:\n"
		"	syscall\n"
		"rf_closes_done:\n"
		: "=a"(ret)
		: "a"(SYS_close),
		  "D"((unsigned long)(unsigned int)fd), [fds] "r"(fds), [most] "i"(RF_WINDOW_FDS)
		: "rcx", "r11", "memory", "cc");
	return ret;
}

int rf_hook_holds_fd(unsigned long ip, long rax)
{
	if (ip >= (unsigned long)rf_opens_done && ip < (unsigned long)rf_opens_noted)
		return rax >= 0;
	return ip >= (unsigned long)rf_closes_noted && ip < (unsigned long)rf_closes_done;
}

/* System V segments have no length in shmdt(2): their ranges stay marked, and are never reused. */
long rf_hook_syscall(long nr, long a, long b, long c, long d, long e, long f, unsigned long ret)
{
	struct rf_engine *engine = rf_engine_at(ret);
	struct rf_window *w = &engine->window;
	const struct call call = {nr, a, b, c, d, e, f};
	long rc;

	switch (nr >= 0 && nr < 512 ? kinds[nr] : DO_PLAIN) {
	case DO_MMAP:
		return hook_mmap(engine, a, b, c, d, e, f);
	case DO_MUNMAP:
		rc = rf_raw3(nr, a, b, 0);
		if (!rc && rf_window_has(w, (unsigned long)a, (unsigned long)b))
			rf_window_free(w, (unsigned long)a, (unsigned long)b);
		return rc;
	case DO_MREMAP:
		return hook_mremap(w, a, b, c, d, e);
	case DO_BRK:
		return hook_brk(w, (unsigned long)a);
	case DO_SHMAT:
		return hook_shmat(w, a, b, c);
	case DO_TID_ADDRESS:
		return rf_raw3(SYS_gettid, 0, 0, 0);
	case DO_SIGACTION:
		return hook_sigaction(w, a, (const uint64_t *)b, (uint64_t *)c);
	case DO_EXIT_GROUP:
		rf_engine_exits(engine, (int)a);
		break;
	case DO_CLOSE:
		return closes(a, rf_window_fds(w));
	case DO_FCNTL:
		if (b != F_DUPFD && b != F_DUPFD_CLOEXEC)
			break;
		return opens(&call, rf_window_fds(w), NULL);
	case DO_OPENS:
		return opens(&call, rf_window_fds(w), NULL);
	case DO_PAIR_ARG0:
		return opens(&call, rf_window_fds(w), (const int *)a);
	case DO_PAIR_ARG3:
		return opens(&call, rf_window_fds(w), (const int *)d);
	case DO_CLOSE_RANGE: /* would close the application's: only a child about to exec may */
	default:
		break;
	}
	return rf_raw6(nr, a, b, c, d, e, f);
}

/* rf_hook_syscall(nr, a, b, c, d, e, [f, return]); the kernel keeps all but rcx, r11, rax. */
__asm__(".pushsection .text\n"
	".hidden rf_hook_entry\n"
	".globl rf_hook_entry\n"
	".type rf_hook_entry, @function\n"
	"rf_hook_entry:\n"
	"	push %rbp\n"
	"	mov %rsp,%rbp\n"
	"	push %rdi\n"
	"	push %rsi\n"
	"	push %rdx\n"
	"	push %r10\n"
	"	push %r8\n"
	"	push %r9\n"
	"	and $-16,%rsp\n"
	"	pushq 8(%rbp)\n"
	"	push %r9\n"
	"	mov %r8,%r9\n"
	"	mov %r10,%r8\n"
	"	mov %rdx,%rcx\n"
	"	mov %rsi,%rdx\n"
	"	mov %rdi,%rsi\n"
	"	movslq %eax,%rdi\n"
	"	cld\n"
	"	call rf_hook_syscall\n"
	"	lea -48(%rbp),%rsp\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %r10\n"
	"	pop %rdx\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	pop %rbp\n"
	"	ret\n"
	".popsection");
