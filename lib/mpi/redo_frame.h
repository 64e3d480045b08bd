/* SPDX-License-Identifier: BSD-3-Clause */
/* The entries of calls that can be made again: what generate.py makes them of. See redo.h. */
#ifndef RF_MPI_REDO_FRAME_H
#define RF_MPI_REDO_FRAME_H

#include "mpi/shim.h"

/* The frame below which a call's C function runs: thread->redo, after `room` words. */
struct rf_redo_frame {
	unsigned long argument[6]; /* the last first */
	unsigned long saved[6];	   /* r15, r14, r13, r12, rbx, rbp */
	void *back;		   /* into the application; the other arguments follow */
	unsigned long more[];
};

struct rf_redo_entry {
	enum rf_function_index function;
	int room;	  /* words between thread->redo and the frame */
	const char *back; /* where the C function returns to */
	void (*function_entry)(void);
};

extern const struct rf_redo_entry rf_redo_entry[];
extern const int rf_redo_entries;

/* Callee-saved registers keep their values, so an unwinder needs to know of the frame's size only.
 */
#define RF_REDO_PUSH(what) "	push " what "\n	.cfi_adjust_cfa_offset 8\n"

#define RF_REDO_BEGIN(name)                                                                        \
	extern const char rf_redo_return_##name[] __attribute__((visibility("hidden")));           \
	__asm__(".text\n"                                                                          \
		"	.p2align 4\n"                                                                    \
		"	.globl rf_" #name "\n"                                                     \
		"	.hidden rf_" #name "\n"                                                    \
		"	.type rf_" #name ", @function\n"                                           \
		"rf_" #name ":\n"                                                                  \
		"	.cfi_startproc\n" RF_REDO_PUSH("%rbp") RF_REDO_PUSH("%rbx")                \
			RF_REDO_PUSH("%r12") RF_REDO_PUSH("%r13") RF_REDO_PUSH("%r14")             \
				RF_REDO_PUSH("%r15") RF_REDO_PUSH("%rdi") RF_REDO_PUSH("%rsi")     \
					RF_REDO_PUSH("%rdx") RF_REDO_PUSH("%rcx")                  \
						RF_REDO_PUSH("%r8") RF_REDO_PUSH("%r9"));
/* To align the stack. */
#define RF_REDO_PAD __asm__("	sub $8,%rsp\n	.cfi_adjust_cfa_offset 8\n");
/* An argument in memory, once more: from the last to the first they lie at the same offset. */
#define RF_REDO_ARGUMENT(offset) __asm__(RF_REDO_PUSH(#offset "(%rsp)"));
#define RF_REDO_END(name, room)                                                                    \
	__asm__("	mov rf_gate_self@gottpoff(%rip),%rax\n"                                          \
		"	mov %rsp,%fs:16(%rax)\n"                                                         \
		"	call rf_once_" #name "\n"                                                  \
		"	.globl rf_redo_return_" #name "\n"                                         \
		"	.hidden rf_redo_return_" #name "\n"                                        \
		"rf_redo_return_" #name ":\n"                                                      \
		"	add $96+" #room ",%rsp\n"                                                  \
		"	.cfi_adjust_cfa_offset -96-" #room "\n"                                    \
		"	ret\n"                                                                           \
		"	.cfi_endproc\n"                                                                  \
		"	.size rf_" #name ", .-rf_" #name "\n");

#endif
