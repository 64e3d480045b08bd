/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls without libc, for code that may run on a foreign thread block: no errno, no TLS.
 * Returns what the kernel returns: -errno on failure.
 */
#ifndef RF_ENGINE_RAW_H
#define RF_ENGINE_RAW_H

static inline long rf_raw6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#define rf_raw4(nr, a, b, c, d) rf_raw6((nr), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define rf_raw3(nr, a, b, c)	rf_raw4((nr), (a), (b), (c), 0)

/*
 * Blocks all signals, also those that glibc's functions leave out: the one that stops threads for
 * an image too, so that no image has half of what is done until the mask is put back.
 */
static inline unsigned long rf_block_all(void)
{
	unsigned long all = ~0ul, old = 0;

	rf_raw4(14, 0, &all, &old, 8); /* rt_sigprocmask, SIG_BLOCK */
	return old;
}

static inline void rf_unblock(unsigned long old)
{
	rf_raw4(14, 2, &old, 0, 8); /* SIG_SETMASK */
}

#define RF_HIDDEN __attribute__((visibility("hidden")))

#endif
