/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/start.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_ROOM (4ul << 20) /* for ld.so, constructors and main(), besides the strings */

/*
 * rf_start_run(handoff, stack pointer, entry): %rdx is 0 at a program's entry (no function to
 * register with atexit), %rbp 0 ends backtraces: System V ABI, AMD64 supplement, 3.4.1.
 */
void rf_start_run(struct rf_handoff *handoff, unsigned long sp, unsigned long entry) RF_HIDDEN;
__asm__(".pushsection .text\n"
	".globl rf_start_run\n"
	".hidden rf_start_run\n"
	".type rf_start_run, @function\n"
	"rf_start_run:\n"
	"	push %rbp\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov %rsp,0(%rdi)\n"
	"	mov %rsi,%rsp\n"
	"	mov %rdx,%rax\n"
	"	xor %edx,%edx\n"
	"	xor %ebp,%ebp\n"
	"	jmp *%rax\n"
	".globl rf_start_back\n"
	".hidden rf_start_back\n"
	".type rf_start_back, @function\n"
	"rf_start_back:\n"
	"	mov %fs:0,%rax\n" /* a thread block's first word is its own address */
	"	mov %rax,16(%rdi)\n"
	"	mov %rdi,%rbx\n"
	"	mov 8(%rdi),%rsi\n"
	"	mov $0x1002,%edi\n" /* ARCH_SET_FS */
	"	mov $158,%eax\n"    /* arch_prctl */
	"	syscall\n"
	"	mov 0(%rbx),%rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	pop %rbp\n"
	"	ret\n"
	".popsection");

static char *push_text(char *top, const char *text)
{
	size_t n = strlen(text) + 1;

	return memcpy(top - n, text, n);
}

/* What the kernel gives every program; the values of this process where they are its own. */
static const unsigned long passed_on[] = {AT_SYSINFO_EHDR, AT_MINSIGSTKSZ, AT_HWCAP, AT_PAGESZ,
					  AT_CLKTCK,	   AT_UID,	   AT_EUID,  AT_GID,
					  AT_EGID,	   AT_HWCAP2};

/* The stack at a program's entry: argc, argv, 0, envp, 0, auxv, 0, strings. Returns its top. */
static unsigned long build(char *top, const char *path, char *const envp[],
			   const struct rf_elf *program, const struct rf_elf *interpreter,
			   const struct rf_seat *seat)
{
	int here = !memcmp(seat->random, (const void *)getauxval(AT_RANDOM), sizeof(seat->random));
	unsigned long *word, *w;
	char *platform, *name, *random;
	size_t count = 0, i;

	while (envp[count])
		count++;
	top = name = push_text(top, path);
	top = platform = push_text(top, "x86_64");
	/* the same random bytes: stack and pointer guards are then equal in both halves */
	top = random = memcpy((char *)((unsigned long)(top - 16) & ~15ul), seat->random,
			      sizeof(seat->random));
	for (i = 0; i < count; i++)
		top -= strlen(envp[i]) + 1;
	word = (unsigned long *)((unsigned long)top & ~15ul);
	word -= (4 + count + 1 + 2 * (sizeof(passed_on) / sizeof(*passed_on) + 10) + 1) & ~1ul;
	w = word;
	*w++ = 1;
	*w++ = (unsigned long)name;
	*w++ = 0;
	for (i = 0; i < count; i++) {
		*w++ = (unsigned long)top;
		top = stpcpy(top, envp[i]) + 1;
	}
	*w++ = 0;
	for (i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++) {
		/* in another process the vdso will lie elsewhere: none, so there are system calls
		 */
		*w++ = here || passed_on[i] != AT_SYSINFO_EHDR ? passed_on[i] : AT_IGNORE;
		*w++ = getauxval(passed_on[i]);
	}
	{
		const unsigned long own[][2] = {
			{AT_PHDR, program->headers},
			{AT_PHENT, sizeof(Elf64_Phdr)},
			{AT_PHNUM, program->count},
			{AT_BASE, interpreter->base},
			{AT_ENTRY, program->entry},
			{AT_SECURE, 0},
			{AT_RANDOM, (unsigned long)random},
			{AT_EXECFN, (unsigned long)name},
			{AT_PLATFORM, (unsigned long)platform},
			{AT_NULL, 0},
		};

		memcpy(w, own, sizeof(own));
	}
	return (unsigned long)word;
}

int rf_start(struct rf_engine *engine, const char *path, char *const envp[],
	     const struct rf_elf *program, const struct rf_elf *interpreter,
	     const struct rf_seat *seat, struct rf_error *err)
{
	struct rf_handoff *handoff = &engine->handoff;
	unsigned long room = STACK_ROOM, stack, sp;
	size_t robust_size = 0, i;
	void *robust = NULL;
	unsigned int mxcsr;
	unsigned short x87;

	for (i = 0; envp[i]; i++)
		room += strlen(envp[i]) + 1 + sizeof(char *);
	room = RF_PAGE_UP(room);
	stack = rf_window_take(&engine->window, room);
	if (!stack ||
	    mmap((void *)stack, room, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED)
		return rf_error_set(err, ENOMEM, "no memory for the stack of engine program %s",
				    path);
	sp = build((char *)(stack + room), path, envp, program, interpreter, seat);
	__asm__("mov %%fs:0,%0" : "=r"(handoff->app_fs));
	syscall(SYS_get_robust_list, 0, &robust, &robust_size);
	/* a library built with -ffast-math changes rounding of denormals when it starts */
	__asm__("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(x87));
	rf_start_run(handoff, sp, interpreter->entry);
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(x87));
	syscall(SYS_set_robust_list, robust, robust_size);
	return 0;
}
