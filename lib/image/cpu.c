/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/cpu.h"

#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Intel SDM volume 2, CPUID; the bits that a program can see and use */
enum word { W1_ECX, W1_EDX, W7_EBX, W7_ECX, W7_EDX, W71_EAX, WX1_ECX, WX1_EDX };

/* Not features of instructions: APIC, MONITOR, VMX, PCID, x2APIC, OSXSAVE, hypervisor... */
static const uint32_t ignored[RF_CPU_WORDS] = {
	[W1_ECX] = 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 10 |
		   1u << 11 | 1u << 14 | 1u << 15 | 1u << 17 | 1u << 18 | 1u << 21 | 1u << 24 |
		   1u << 31,
	[W1_EDX] = 1u << 2 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 9 | 1u << 12 | 1u << 13 |
		   1u << 14 | 1u << 16 | 1u << 17 | 1u << 18 | 1u << 21 | 1u << 22 | 1u << 27 |
		   1u << 28 | 1u << 29 | 1u << 30 | 1u << 31,
	[W7_EBX] = 1u << 1 | 1u << 2 | 1u << 6 | 1u << 7 | 1u << 10 | 1u << 12 | 1u << 13 |
		   1u << 15 | 1u << 20 | 1u << 25,
	[W7_ECX] = 1u << 2 | 1u << 13 | 1u << 16 | 1u << 24 | 1u << 29 | 1u << 30,
	[W7_EDX] = ~(1u << 2 | 1u << 3 | 1u << 4 | 1u << 8 | 1u << 14 | 1u << 22 | 1u << 23 |
		     1u << 24 | 1u << 25),
	[WX1_ECX] = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 9 | 1u << 10 | 1u << 12 |
		    1u << 13 | 1u << 17 | 1u << 23 | 1u << 24 | 1u << 26 | 1u << 28,
	[WX1_EDX] = ~(1u << 22 | 1u << 25 | 1u << 27 | 1u << 29 | 1u << 30 | 1u << 31),
};

static const struct {
	uint8_t word, bit;
	const char *name;
} names[] = {
	{W1_ECX, 0, "sse3"},	    {W1_ECX, 1, "pclmulqdq"},	{W1_ECX, 9, "ssse3"},
	{W1_ECX, 12, "fma"},	    {W1_ECX, 13, "cx16"},	{W1_ECX, 19, "sse4.1"},
	{W1_ECX, 20, "sse4.2"},	    {W1_ECX, 22, "movbe"},	{W1_ECX, 23, "popcnt"},
	{W1_ECX, 25, "aes"},	    {W1_ECX, 26, "xsave"},	{W1_ECX, 28, "avx"},
	{W1_ECX, 29, "f16c"},	    {W1_ECX, 30, "rdrand"},	{W7_EBX, 0, "fsgsbase"},
	{W7_EBX, 3, "bmi1"},	    {W7_EBX, 4, "hle"},		{W7_EBX, 5, "avx2"},
	{W7_EBX, 8, "bmi2"},	    {W7_EBX, 9, "erms"},	{W7_EBX, 11, "rtm"},
	{W7_EBX, 16, "avx512f"},    {W7_EBX, 17, "avx512dq"},	{W7_EBX, 18, "rdseed"},
	{W7_EBX, 19, "adx"},	    {W7_EBX, 21, "avx512ifma"}, {W7_EBX, 26, "avx512pf"},
	{W7_EBX, 28, "avx512cd"},   {W7_EBX, 29, "sha"},	{W7_EBX, 30, "avx512bw"},
	{W7_EBX, 31, "avx512vl"},   {W7_ECX, 1, "avx512vbmi"},	{W7_ECX, 6, "avx512vbmi2"},
	{W7_ECX, 8, "gfni"},	    {W7_ECX, 9, "vaes"},	{W7_ECX, 10, "vpclmulqdq"},
	{W7_ECX, 11, "avx512vnni"}, {W7_ECX, 22, "rdpid"},	{W7_EDX, 4, "fsrm"},
	{W7_EDX, 22, "amx-bf16"},   {W7_EDX, 23, "avx512fp16"}, {W7_EDX, 24, "amx-tile"},
	{W7_EDX, 25, "amx-int8"},   {W71_EAX, 4, "avx-vnni"},	{W71_EAX, 5, "avx512-bf16"},
	{WX1_ECX, 5, "lzcnt"},	    {WX1_ECX, 6, "sse4a"},	{WX1_ECX, 11, "xop"},
	{WX1_ECX, 16, "fma4"},	    {WX1_EDX, 27, "rdtscp"},
};

static void read_model(char model[64])
{
	unsigned word[12] = {0};

	/* clang's cpuid.h returns an int */
	if ((unsigned)__get_cpuid_max(0x80000000, NULL) >= 0x80000004)
		for (unsigned i = 0; i < 3; i++)
			__cpuid(0x80000002 + i, word[4 * i], word[4 * i + 1], word[4 * i + 2],
				word[4 * i + 3]);
	memcpy(model, word, sizeof(word));
}

void rf_cpu_read(struct rf_cpu *cpu)
{
	unsigned a, b, c, d, low, high;

	memset(cpu, 0, sizeof(*cpu));
	read_model(cpu->model);
	if (__get_cpuid(1, &a, &b, &c, &d)) {
		cpu->features[W1_ECX] = c & ~ignored[W1_ECX];
		cpu->features[W1_EDX] = d & ~ignored[W1_EDX];
	}
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		cpu->features[W7_EBX] = b & ~ignored[W7_EBX];
		cpu->features[W7_ECX] = c & ~ignored[W7_ECX];
		cpu->features[W7_EDX] = d & ~ignored[W7_EDX];
		if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
			cpu->features[W71_EAX] = a & (1u << 4 | 1u << 5);
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d)) {
		cpu->features[WX1_ECX] = c & ~ignored[WX1_ECX];
		cpu->features[WX1_EDX] = d & ~ignored[WX1_EDX];
	}
	if (!(cpu->features[W1_ECX] & 1u << 26)) /* no xsave */
		return;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	cpu->xcr0 = (uint64_t)high << 32 | low;
	for (unsigned i = 2; i < RF_CPU_COMPONENTS; i++)
		if (cpu->xcr0 >> i & 1 && __get_cpuid_count(13, i, &a, &b, &c, &d)) {
			cpu->component_size[i] = a;
			cpu->component_offset[i] = b;
		}
}

int rf_cpu_check(const struct rf_cpu *image, const struct rf_cpu *here, struct rf_error *err)
{
	char missing[256] = "";
	size_t used = 0;
	int any = 0;

	for (unsigned w = 0; w < RF_CPU_WORDS; w++)
		any |= (image->features[w] & ~here->features[w]) != 0;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		unsigned w = names[i].word, bit = names[i].bit;

		if ((image->features[w] & ~here->features[w]) >> bit & 1 &&
		    used + strlen(names[i].name) + 2 < sizeof(missing))
			used += (size_t)snprintf(missing + used, sizeof(missing) - used, " %s",
						 names[i].name);
	}
	if (any)
		return rf_error_set(err, ENOTSUP,
				    "the image was taken on a CPU with features that this one (%s) "
				    "lacks:%s; choose a host with a CPU like %s",
				    here->model, used ? missing : " (minor ones)", image->model);
	for (unsigned i = 2; i < RF_CPU_COMPONENTS; i++)
		if (image->xcr0 >> i & 1 &&
		    (!(here->xcr0 >> i & 1) ||
		     image->component_size[i] != here->component_size[i] ||
		     image->component_offset[i] != here->component_offset[i]))
			return rf_error_set(err, ENOTSUP,
					    "this CPU (%s) or its kernel keeps extended registers "
					    "(state component %u) differently from the one of the "
					    "image (%s)",
					    here->model, i, image->model);
	return 0;
}
