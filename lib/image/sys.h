/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls without libc: no errno, no cancellation point, no wrapper that a tool has
 * interposed. The capture runs while other threads are stopped anywhere, inside malloc or stdio
 * too, and the last part of a restore runs where no libc is mapped at all; neither may call into
 * one.
 *
 * rf_sys(name, ...) gives the kernel's answer: a negative errno in [-4095, -1] or the result.
 */
#ifndef RF_IMAGE_SYS_H
#define RF_IMAGE_SYS_H

#include <sys/syscall.h>

static inline __attribute__((always_inline)) long rf_syscall6(long nr, long a, long b, long c,
							      long d, long e, long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#define RF_SYS_PAD(nr, a, b, c, d, e, f, ...)                                                      \
	rf_syscall6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define rf_sys(name, ...) RF_SYS_PAD(SYS_##name, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* Did the kernel refuse? The errno is then -ret. */
static inline __attribute__((always_inline)) int rf_sys_failed(long ret)
{
	return (unsigned long)ret > -4096UL;
}

#endif
