/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/blob.h"
#include "image/context.h"
#include "image/sys.h"

#include <asm/prctl.h>
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#define BLOB static __attribute__((section("rf_blob"), used))

#define USER_END      0x7ffffffff000UL
#define LOWEST	      0x10000UL /* nothing can be mapped below vm.mmap_min_addr */
#define TIMER_IDS_MAX 100000
#define ROBUST_MAX    100000 /* entries of a list that the program may have damaged */

#ifndef PR_TIMER_CREATE_RESTORE_IDS /* Linux 6.15 */
#define PR_TIMER_CREATE_RESTORE_IDS 77
#endif

/* Switches to a stack in the zone. The copy of the section is entered here. */
__asm__(".pushsection rf_blob,\"ax\",@progbits\n"
	".globl rf_blob_entry\n"
	".hidden rf_blob_entry\n"
	".type rf_blob_entry, @function\n"
	"rf_blob_entry:\n"
	"	mov 16(%rdi), %rsp\n"
	"	xor %ebp, %ebp\n"
	"	call rf_blob_run\n"
	"	ud2\n"
	/* rf_blob_load(context): registers of rf_context_save(), which returns 1 */
	".type rf_blob_load, @function\n"
	"rf_blob_load:\n"
	"	mov 0(%rdi), %rbx\n"
	"	mov 8(%rdi), %rbp\n"
	"	mov 16(%rdi), %r12\n"
	"	mov 24(%rdi), %r13\n"
	"	mov 32(%rdi), %r14\n"
	"	mov 40(%rdi), %r15\n"
	"	ldmxcsr 64(%rdi)\n"
	"	fldcw 68(%rdi)\n"
	"	mov 48(%rdi), %rsp\n"
	"	mov $1, %eax\n"
	"	jmp *56(%rdi)\n"
	/* rf_blob_clone(flags, stack, thread): the child calls rf_blob_thread(thread) */
	".type rf_blob_clone, @function\n"
	"rf_blob_clone:\n"
	"	push %r12\n"
	"	mov %rdx, %r12\n"
	"	mov $56, %eax\n"
	"	xor %edx, %edx\n"
	"	xor %r10d, %r10d\n"
	"	xor %r8d, %r8d\n"
	"	syscall\n"
	"	test %rax, %rax\n"
	"	jz 1f\n"
	"	pop %r12\n"
	"	ret\n"
	"1:	mov %r12, %rdi\n"
	"	xor %ebp, %ebp\n"
	"	call rf_blob_thread\n"
	"	ud2\n"
	".popsection\n");

_Static_assert(offsetof(struct rf_plan, stack) == 16, "rf_blob_entry");

extern void rf_blob_load(const struct rf_context *context)
	__attribute__((noreturn, visibility("hidden")));
extern long rf_blob_clone(long flags, uint64_t stack, struct rf_blob_thread *thread)
	__attribute__((visibility("hidden")));

BLOB __attribute__((noreturn)) void fail(const struct rf_plan *plan, enum rf_blob_step step,
					 long why)
{
	const char *text = plan->step[step];
	char number[16];
	int n = 0, at = sizeof(number);

	while (text[n])
		n++;
	rf_sys(write, plan->message_fd, text, n);
	number[--at] = '\n';
	why = -why;
	do
		number[--at] = (char)('0' + why % 10);
	while ((why /= 10) > 0 && at > 0);
	rf_sys(write, plan->message_fd, number + at, (int)sizeof(number) - at);
	for (;;)
		rf_sys(exit_group, 125);
}

/*
 * Robust mutexes hold the tid of their owner, for the kernel and for glibc (robust-futexes.rst).
 * The thread has a new one. A list that cannot be followed is left alone: the program has damaged
 * it.
 */
BLOB void fix_robust(const struct rf_thread *t, int32_t tid)
{
	struct list {
		struct list *next;
	};
	struct head {
		struct list list;
		long offset;
		struct list *pending;
	} *head = (struct head *)t->robust_list;
	struct list *at;
	int i = 0;

	if (!head || t->robust_length != sizeof(*head))
		return;
	for (at = head->list.next; at && at != &head->list && i < ROBUST_MAX; i++) {
		/* glibc marks priority inheritance in the lowest bit */
		struct list *entry = (struct list *)((uint64_t)at & ~1UL);
		uint32_t *word = (uint32_t *)((char *)entry + head->offset);

		if ((*word & FUTEX_TID_MASK) == (uint32_t)t->tid) {
			*word = (*word & ~FUTEX_TID_MASK) | (uint32_t)tid;
			if (word[2] == (uint32_t)t->tid) /* pthread_mutex_t: __owner */
				word[2] = (uint32_t)tid;
		}
		at = entry->next;
	}
}

/* The state in the kernel of the calling thread. */
BLOB void set_thread(struct rf_plan *plan, struct rf_blob_thread *thread)
{
	const struct rf_thread *t = &thread->record;
	stack_t altstack;
	uint64_t all = ~0UL;
	int32_t tid;
	long r;

	rf_sys(rt_sigprocmask, SIG_SETMASK, &all, 0, 8);
	if ((r = rf_sys(arch_prctl, ARCH_SET_FS, t->fs)))
		fail(plan, RF_BLOB_FS, r);
	if (t->gs && (r = rf_sys(arch_prctl, ARCH_SET_GS, t->gs)))
		fail(plan, RF_BLOB_FS, r);
	tid = (int32_t)rf_sys(set_tid_address, t->tid_address);
	if (t->tid_address) /* glibc keeps a thread's tid there: struct pthread.tid */
		*(volatile int32_t *)t->tid_address = tid;
	thread->ids->old_tid = t->tid;
	thread->ids->tid = tid;
	fix_robust(t, tid);
	if (t->robust_length && (r = rf_sys(set_robust_list, t->robust_list, t->robust_length)))
		fail(plan, RF_BLOB_ROBUST, r);
	if (plan->rseq_length && t->rseq &&
	    (r = rf_sys(rseq, t->rseq, plan->rseq_length, 0, RF_RSEQ_SIGNATURE)))
		fail(plan, RF_BLOB_RSEQ, r);
	altstack.ss_sp = (void *)t->altstack;
	altstack.ss_flags = t->altstack_flags & ~SS_ONSTACK;
	altstack.ss_size = t->altstack_size;
	rf_sys(sigaltstack, &altstack, 0);
	rf_sys(prctl, PR_SET_NAME, t->name);
	if (t->timer_slack)
		rf_sys(prctl, PR_SET_TIMERSLACK, t->timer_slack);
	for (uint64_t i = 0; i < plan->pendings; i++)
		if (plan->pending[i].tid == t->tid)
			rf_sys(rt_tgsigqueueinfo, plan->pid, tid, plan->pending[i].signal,
			       plan->pending[i].info);
}

__attribute__((section("rf_blob"), used, noreturn, visibility("hidden"))) void
rf_blob_thread(struct rf_blob_thread *thread);

void rf_blob_thread(struct rf_blob_thread *thread)
{
	struct rf_plan *plan = (struct rf_plan *)thread->plan;

	set_thread(plan, thread);
	__atomic_add_fetch(&plan->started, 1, __ATOMIC_SEQ_CST);
	rf_sys(futex, &plan->started, FUTEX_WAKE, 1);
	while (!__atomic_load_n(&plan->go, __ATOMIC_SEQ_CST))
		rf_sys(futex, &plan->go, FUTEX_WAIT, 0, 0);
	rf_blob_load(&thread->record.context);
}

BLOB void unmap_others(const struct rf_plan *plan)
{
	uint64_t at = LOWEST;
	long r;

	for (uint64_t i = 0; i <= plan->keeps; i++) {
		uint64_t end = i < plan->keeps ? plan->keep[i].start : USER_END;

		if (at < end && (r = rf_sys(munmap, at, end - at)))
			fail(plan, RF_BLOB_UNMAP, r);
		if (i < plan->keeps)
			at = plan->keep[i].end;
	}
}

BLOB void move_vdso(const struct rf_plan *plan, int back)
{
	uint64_t parked = plan->park;

	for (uint64_t i = 0; i < plan->vdsos; i++) {
		uint64_t n = plan->vdso[i].end - plan->vdso[i].start;
		uint64_t from = back ? parked : plan->vdso[i].start;
		uint64_t to = back ? plan->vdso_to[i] : parked;
		long r = rf_sys(mremap, from, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, to);

		if (r != (long)to)
			fail(plan, RF_BLOB_VDSO, r);
		parked += n;
	}
}

BLOB int32_t new_tid(const struct rf_plan *plan, int32_t old)
{
	for (uint64_t i = 0; i < plan->threads_count; i++)
		if (plan->threads[i].ids && plan->threads[i].ids->old_tid == old)
			return plan->threads[i].ids->tid;
	return -1;
}

/* A timer with the id that the program knows. Ids are given in ascending order (timer_create(2)).
 */
BLOB long create_timer(const struct rf_plan *plan, const struct rf_timer *t)
{
	struct sigevent event;
	int id = t->id, wanted;
	long r;

	for (unsigned i = 0; i < sizeof(event) / 8; i++)
		((volatile uint64_t *)&event)[i] = 0;
	event.sigev_notify = t->notify;
	event.sigev_signo = t->signal;
	event.sigev_value.sival_ptr = (void *)t->value;
	if (t->notify & SIGEV_THREAD_ID)
		event._sigev_un._tid = new_tid(plan, t->tid);
	wanted = rf_sys(prctl, PR_TIMER_CREATE_RESTORE_IDS, 1, 0, 0, 0) == 0;
	r = rf_sys(timer_create, t->clock, &event, &id);
	if (wanted)
		rf_sys(prctl, PR_TIMER_CREATE_RESTORE_IDS, 0, 0, 0, 0);
	for (int i = 0; r == 0 && id != t->id && i < TIMER_IDS_MAX; i++) {
		rf_sys(timer_delete, id);
		r = rf_sys(timer_create, t->clock, &event, &id);
	}
	return r ? r : id == t->id ? 0 : -EAGAIN;
}

BLOB void set_timers(const struct rf_plan *plan)
{
	for (uint64_t i = 0; i < plan->timers_count; i++) {
		const struct rf_timer *t = &plan->timers[i];
		struct itimerspec at = {{t->interval_s, t->interval_ns},
					{t->remaining_s, t->remaining_ns}};
		struct itimerval interval = {{t->interval_s, t->interval_ns / 1000},
					     {t->remaining_s, t->remaining_ns / 1000}};
		long r;

		if (t->kind == RF_TIMER_INTERVAL) {
			r = rf_sys(setitimer, t->id, &interval, 0);
		} else {
			r = create_timer(plan, t);
			if (!r)
				r = rf_sys(timer_settime, t->id, 0, &at, 0);
		}
		if (r)
			fail(plan, RF_BLOB_TIMER, r);
	}
}

BLOB void start_threads(struct rf_plan *plan)
{
	const long flags =
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	int seen;

	for (uint64_t i = 1; i < plan->threads_count; i++) {
		struct rf_blob_thread *t = &plan->threads[i];
		long r = rf_blob_clone(flags, t->stack, t);

		if (r < 0)
			fail(plan, RF_BLOB_CLONE, r);
	}
	while ((seen = __atomic_load_n(&plan->started, __ATOMIC_SEQ_CST)) <
	       (int)plan->threads_count - 1)
		rf_sys(futex, &plan->started, FUTEX_WAIT, seen, 0);
}

__attribute__((section("rf_blob"), used, noreturn, visibility("hidden"))) void
rf_blob_run(struct rf_plan *plan);

void rf_blob_run(struct rf_plan *plan)
{
	struct rf_blob_thread *leader = &plan->threads[0];
	long r;

	move_vdso(plan, 0);
	unmap_others(plan);
	move_vdso(plan, 1);
	if ((r = rf_sys(prctl, PR_SET_MM, PR_SET_MM_MAP, &plan->mm, sizeof(plan->mm), 0)))
		fail(plan, RF_BLOB_MM, r);
	for (int i = 0; i < 64; i++)
		if (i + 1 != SIGKILL && i + 1 != SIGSTOP &&
		    (r = rf_sys(rt_sigaction, i + 1, &plan->actions[i], 0, 8)))
			fail(plan, RF_BLOB_SIGNAL, r);
	start_threads(plan);
	if (!leader->record.exited)
		set_thread(plan, leader);
	for (uint64_t i = 0; i < plan->pendings; i++)
		if (!plan->pending[i].tid)
			rf_sys(rt_sigqueueinfo, plan->pid, plan->pending[i].signal,
			       plan->pending[i].info);
	set_timers(plan);
	if (plan->message_fd >= 0)
		rf_sys(close, plan->message_fd);
	__atomic_store_n(&plan->go, 1, __ATOMIC_SEQ_CST);
	rf_sys(futex, &plan->go, FUTEX_WAKE, INT32_MAX);
	if (leader->record.exited)
		for (;;) /* the others go on without it, as before */
			rf_sys(exit, 0);
	rf_blob_load(&leader->record.context);
}
