/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/trampoline.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "engine/syscalls.h"

/* A site: `length` bytes at `at` (at least 5) are replaced; the first `replay` go to the stub. */
struct site {
	unsigned char *at;
	unsigned int length, replay;
	long nr; /* of the call, or -1: in %rax */
};

#define STUB_MAX 64 /* bytes, an upper bound of every stub */

static int same(const unsigned char *p, const char *bytes, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (p[i] != (unsigned char)bytes[i])
			return 0;
	return 1;
}

static unsigned char *put(unsigned char *to, const void *bytes, unsigned int n)
{
	const unsigned char *from = bytes;

	while (n--)
		*to++ = *from++;
	return to;
}

static unsigned char *put_jump(unsigned char *to, const unsigned char *target)
{
	int rel = (int)(target - (to + 5));

	*to++ = 0xe9;
	return put(to, &rel, 4);
}

static int imm32(const unsigned char *p)
{
	return (int)((unsigned int)p[0] | (unsigned int)p[1] << 8 | (unsigned int)p[2] << 16 |
		     (unsigned int)p[3] << 24);
}

/* Begins a stub for a site of the given end, or NULL: no room, or too far for a near jump. */
static unsigned char *stub_begin(struct rf_window *w, const unsigned char *site)
{
	long distance = (long)site - (long)w->stub;

	if (w->stub + STUB_MAX > w->stub_end || distance > 0x7fff0000l || distance < -0x7fff0000l)
		return NULL;
	return (unsigned char *)w->stub;
}

static void stub_end(struct rf_window *w, unsigned char *end, const struct site *site)
{
	unsigned char *stub = (unsigned char *)w->stub;
	unsigned int i;

	put_jump(end, site->at + site->length);
	for (i = 5; i < site->length; i++)
		site->at[i] = 0x90;
	put_jump(site->at, stub);
	w->stub = ((unsigned long)end + 5 + 15) & ~15ul;
}

/*
 * The `syscall` at p. In glibc 2.27 to 2.40 the number is loaded right before it, or one or two
 * register moves earlier; syscall(2) loads it from its argument and has `mov 8(%rsp),%r9` there.
 */
static int call_site(unsigned char *text, unsigned char *p, struct site *site)
{
	unsigned long before = (unsigned long)(p - text);

	if (before >= 5 && p[-5] == 0xb8) { /* mov $nr,%eax */
		*site = (struct site){p - 5, 7, 0, imm32(p - 4)};
		return 1;
	}
	if (before >= 10 && p[-5] == 0xbf && p[-10] == 0xb8) { /* mov $nr,%eax; mov $x,%edi */
		*site = (struct site){p - 5, 7, 5, imm32(p - 9)};
		return 1;
	}
	if (before >= 13 && p[-5] == 0xbf && p[-13] == 0xb8 && same(p - 8, "\x48\x89", 2)) {
		*site = (struct site){p - 5, 7, 5, imm32(p - 12)}; /* mov %r,%r between them */
		return 1;
	}
	if (before >= 23 && same(p - 23, "\x48\x89\xf8\x48\x89\xf7", 6) &&
	    same(p - 5, "\x4c\x8b\x4c\x24\x08", 5)) {
		*site = (struct site){p - 5, 7, 5, -1};
		return 1;
	}
	return 0;
}

static int patch_call(struct rf_window *w, const struct site *site)
{
	unsigned char *t = stub_begin(w, site->at);
	unsigned long entry = (unsigned long)rf_window_entry(w);
	int nr = (int)site->nr;

	if (!t)
		return -1;
	t = put(t, site->at, site->replay);
	if (site->nr >= 0) {
		*t++ = 0xb8; /* mov $nr,%eax */
		t = put(t, &nr, 4);
	}
	t = put(t, "\x48\x8d\x64\x24\x80", 5); /* lea -128(%rsp),%rsp: the red zone */
	t = put(t, "\x49\xbb", 2);	       /* movabs $entry,%r11 */
	t = put(t, &entry, 8);
	t = put(t, "\x41\xff\x13", 3);			   /* call *(%r11) */
	t = put(t, "\x48\x8d\xa4\x24\x80\x00\x00\x00", 8); /* lea 128(%rsp),%rsp */
	stub_end(w, t, site);
	return 0;
}

/* _exit: mov $exit_group,%esi; mov $exit,%edx. The stub asks the hook first, then does the same. */
static int patch_exit(struct rf_window *w, unsigned char *p)
{
	const struct site site = {p, 10, 10, SYS_exit_group};
	unsigned char *t = stub_begin(w, p);
	unsigned long entry = (unsigned long)rf_window_entry(w);
	int nr = SYS_exit_group;

	if (!t)
		return -1;
	*t++ = 0xb8;
	t = put(t, &nr, 4);
	t = put(t, "\x48\x8d\x64\x24\x80\x49\xbb", 7);
	t = put(t, &entry, 8);
	t = put(t, "\x41\xff\x13\x48\x8d\xa4\x24\x80\x00\x00\x00", 11);
	t = put(t, p, 10);
	stub_end(w, t, &site);
	return 0;
}

/* 64 REX.W {8b|89} ModRM(0,reg,4) 25 08 00 00 00: mov %fs:8,%reg or mov %reg,%fs:8, 9 bytes. */
static int dtv_site(const unsigned char *p)
{
	return p[0] == 0x64 && (p[1] == 0x48 || p[1] == 0x4c) && (p[2] == 0x8b || p[2] == 0x89) &&
	       (p[3] & 0xc7) == 0x04 && same(p + 4, "\x25\x08\x00\x00\x00", 5);
}

static int patch_dtv(struct rf_window *w, unsigned char *p, int delta)
{
	const struct site site = {p, 9, 0, 0};
	unsigned int reg = ((p[3] >> 3) & 7) | (p[1] == 0x4c ? 8 : 0);
	unsigned char *t = stub_begin(w, p);

	if (!t)
		return -1;
	if (p[2] == 0x8b) {
		unsigned char rex = reg & 8 ? 0x4d : 0x48;

		t = put(t, p, 5); /* mov %fs:delta,%reg */
		t = put(t, &delta, 4);
		*t++ = 0x64; /* mov %fs:8(%reg),%reg */
		*t++ = rex;
		*t++ = 0x8b;
		*t++ = (unsigned char)(0x40 | (reg & 7) << 3 | (reg & 7));
		if ((reg & 7) == 4) /* r12 as a base needs a SIB byte */
			*t++ = 0x24;
		*t++ = 8;
	} else {
		unsigned int tmp = reg == 0 ? 1 : 0; /* %rcx or %rax */

		t = put(t, "\x48\x8d\x64\x24\x80", 5);
		*t++ = (unsigned char)(0x50 | tmp); /* push %tmp */
		t = put(t, "\x64\x48\x8b", 3);	    /* mov %fs:delta,%tmp */
		*t++ = (unsigned char)(0x04 | tmp << 3);
		*t++ = 0x25;
		t = put(t, &delta, 4);
		*t++ = 0x64; /* mov %reg,%fs:8(%tmp) */
		*t++ = reg & 8 ? 0x4c : 0x48;
		*t++ = 0x89;
		*t++ = (unsigned char)(0x40 | (reg & 7) << 3 | tmp);
		*t++ = 8;
		*t++ = (unsigned char)(0x58 | tmp); /* pop %tmp */
		t = put(t, "\x48\x8d\xa4\x24\x80\x00\x00\x00", 8);
	}
	stub_end(w, t, &site);
	return 0;
}

int rf_trampoline_patch(struct rf_window *w, void *start, unsigned long length, int delta,
			struct rf_patched *sum)
{
	unsigned char *text = start, *end = text + length, *p;
	struct site site;
	long rc;

	if (length < 16)
		return 0;
	rc = rf_raw3(SYS_mprotect, text, RF_PAGE_UP(length), PROT_READ | PROT_WRITE | PROT_EXEC);
	if (rc)
		return (int)rc;
	for (p = text; p + 10 <= end; p++) {
		if (p[0] == 0x0f && p[1] == 0x05) {
			if (!call_site(text, p, &site) || !rf_hook_wants(site.nr))
				continue;
			if (patch_call(w, &site))
				sum->missed++;
			else
				sum->calls++;
			p++;
		} else if (p[0] == 0xbe &&
			   same(p, "\xbe\xe7\x00\x00\x00\xba\x3c\x00\x00\x00", 10)) {
			if (patch_exit(w, p))
				sum->missed++;
			else
				sum->calls++;
			p += 9;
		} else if (delta && p[0] == 0x64 && dtv_site(p)) {
			if (patch_dtv(w, p, delta))
				sum->missed++;
			else
				sum->dtvs++;
			p += 8;
		}
	}
	return (int)rf_raw3(SYS_mprotect, text, RF_PAGE_UP(length), PROT_READ | PROT_EXEC);
}
