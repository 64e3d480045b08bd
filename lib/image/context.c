/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/context.h"
#include "image/sys.h"

#include <asm/prctl.h>
#include <errno.h>
#include <linux/auxvec.h>
#include <linux/prctl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/auxv.h>

#ifndef AT_RSEQ_FEATURE_SIZE
#define AT_RSEQ_FEATURE_SIZE 27
#endif

/* glibc 2.35 and later; without them no thread has an rseq area */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/* Offsets are those of struct rf_context. rip and rsp are saved as they are after the return. */
__asm__(".pushsection .text\n"
	".globl rf_context_save\n"
	".hidden rf_context_save\n"
	".type rf_context_save, @function\n"
	"rf_context_save:\n"
	"	mov %rbx, 0(%rdi)\n"
	"	mov %rbp, 8(%rdi)\n"
	"	mov %r12, 16(%rdi)\n"
	"	mov %r13, 24(%rdi)\n"
	"	mov %r14, 32(%rdi)\n"
	"	mov %r15, 40(%rdi)\n"
	"	lea 8(%rsp), %rax\n"
	"	mov %rax, 48(%rdi)\n"
	"	mov (%rsp), %rax\n"
	"	mov %rax, 56(%rdi)\n"
	"	stmxcsr 64(%rdi)\n"
	"	fnstcw 68(%rdi)\n"
	"	xor %eax, %eax\n"
	"	ret\n"
	".size rf_context_save, . - rf_context_save\n"
	".globl rf_context_call\n"
	".hidden rf_context_call\n"
	".type rf_context_call, @function\n"
	"rf_context_call:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	mov %rdx, %rsp\n"
	"	call *%rax\n"
	"	mov %rbp, %rsp\n"
	"	pop %rbp\n"
	"	ret\n"
	".size rf_context_call, . - rf_context_call\n"
	".popsection\n");

_Static_assert(offsetof(struct rf_context, rip) == 56, "rf_context_save");
_Static_assert(offsetof(struct rf_context, fcw) == 68, "rf_context_save");

/*
 * There is no call that tells how rseq was registered, but a second registration does: EBUSY for
 * the same length, EINVAL for another one (rseq(2), kernel/rseq.c).
 */
uint64_t rf_context_rseq_length(void)
{
	uint64_t lengths[3] = {32, 0, 0}, fs;

	if (!&__rseq_size || __rseq_size == 0)
		return 0;
	rf_sys(arch_prctl, ARCH_GET_FS, &fs);
	lengths[1] = __rseq_size;
	lengths[2] = (getauxval(AT_RSEQ_FEATURE_SIZE) + 31) & ~31UL;
	for (int i = 0; i < 3; i++) {
		long r;

		if (!lengths[i])
			continue;
		r = rf_sys(rseq, fs + (uint64_t)__rseq_offset, lengths[i], 0, RF_RSEQ_SIGNATURE);
		if (r == -EBUSY)
			return lengths[i];
		if (r == 0) { /* was not registered at all: undo */
			rf_sys(rseq, fs + (uint64_t)__rseq_offset, lengths[i], 1,
			       RF_RSEQ_SIGNATURE);
			return 0;
		}
	}
	return 0;
}

void rf_context_thread(struct rf_thread *t)
{
	stack_t altstack;

	t->tid = (int32_t)rf_sys(gettid);
	rf_sys(arch_prctl, ARCH_GET_FS, &t->fs);
	rf_sys(arch_prctl, ARCH_GET_GS, &t->gs);
	rf_sys(prctl, PR_GET_TID_ADDRESS, &t->tid_address);
	rf_sys(get_robust_list, 0, &t->robust_list, &t->robust_length);
	if (&__rseq_size && __rseq_size)
		t->rseq = t->fs + (uint64_t)__rseq_offset;
	rf_sys(rt_sigprocmask, SIG_BLOCK, 0, &t->signal_mask, 8);
	rf_sys(sigaltstack, 0, &altstack);
	t->altstack = (uint64_t)altstack.ss_sp;
	t->altstack_size = altstack.ss_size;
	t->altstack_flags = altstack.ss_flags;
	t->timer_slack = (uint32_t)rf_sys(prctl, PR_GET_TIMERSLACK);
	rf_sys(prctl, PR_GET_NAME, t->name);
}
