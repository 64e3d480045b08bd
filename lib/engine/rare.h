/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls from hot paths that are hardly ever made. For the compiler such a call changes no register
 * but those of vectors, so a function that has one keeps its arguments where they are.
 */
#ifndef RF_ENGINE_RARE_H
#define RF_ENGINE_RARE_H

/*
 * Defines `stub`, in assembly: calls the C function `function` and keeps all other registers.
 * `function` gets the word that lies on the stack above the return address as its argument.
 */
#define RF_RARE(stub, function)                                                                    \
	__asm__(".pushsection .text.unlikely,\"ax\",@progbits\n"                                   \
		".globl " #stub "\n"                                                               \
		".hidden " #stub "\n"                                                              \
		".type " #stub ", @function\n" #stub ":\n"                                         \
		"	push %rbp\n"                                                                     \
		"	mov %rsp,%rbp\n"                                                                 \
		"	push %rax\n"                                                                     \
		"	push %rcx\n"                                                                     \
		"	push %rdx\n"                                                                     \
		"	push %rsi\n"                                                                     \
		"	push %rdi\n"                                                                     \
		"	push %r8\n"                                                                      \
		"	push %r9\n"                                                                      \
		"	push %r10\n"                                                                     \
		"	push %r11\n"                                                                     \
		"	mov 16(%rbp),%rdi\n"                                                             \
		"	and $-16,%rsp\n"                                                                 \
		"	call " #function "\n"                                                      \
		"	lea -72(%rbp),%rsp\n"                                                            \
		"	pop %r11\n"                                                                      \
		"	pop %r10\n"                                                                      \
		"	pop %r9\n"                                                                       \
		"	pop %r8\n"                                                                       \
		"	pop %rdi\n"                                                                      \
		"	pop %rsi\n"                                                                      \
		"	pop %rdx\n"                                                                      \
		"	pop %rcx\n"                                                                      \
		"	pop %rax\n"                                                                      \
		"	pop %rbp\n"                                                                      \
		"	ret\n"                                                                           \
		".popsection")

/*
 * Calls a stub, with an argument. The red zone is skipped, as the compiler does not see the call.
 */
#define RF_RARE_CALL(stub, argument)                                                               \
	__asm__ volatile(                                                                          \
		"lea -128(%%rsp),%%rsp\n\tpush %0\n\tcall " #stub "\n\tlea 136(%%rsp),%%rsp"       \
		:                                                                                  \
		: "r"(argument)                                                                    \
		: "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",  \
		  "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

#endif
