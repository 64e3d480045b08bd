/* SPDX-License-Identifier: BSD-3-Clause */
/* All vector registers of a thread that is interrupted in a loop keep their values. */
#include "take.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int stop, turns;

/* Loads ymm0 to ymm15 and compares them for as long as nobody says stop. */
__attribute__((target("avx"))) static int keep_avx(const float *in, float *out)
{
	__asm__ volatile("vmovups 0(%0), %%ymm0\n vmovups 32(%0), %%ymm1\n"
			 "vmovups 64(%0), %%ymm2\n vmovups 96(%0), %%ymm3\n"
			 "vmovups 128(%0), %%ymm4\n vmovups 160(%0), %%ymm5\n"
			 "vmovups 192(%0), %%ymm6\n vmovups 224(%0), %%ymm7\n"
			 "vmovups 256(%0), %%ymm8\n vmovups 288(%0), %%ymm9\n"
			 "vmovups 320(%0), %%ymm10\n vmovups 352(%0), %%ymm11\n"
			 "vmovups 384(%0), %%ymm12\n vmovups 416(%0), %%ymm13\n"
			 "vmovups 448(%0), %%ymm14\n vmovups 480(%0), %%ymm15\n"
			 "movl $1, (%3)\n"
			 "1: pause\n cmpl $0, (%2)\n je 1b\n"
			 "vmovups %%ymm0, 0(%1)\n vmovups %%ymm1, 32(%1)\n"
			 "vmovups %%ymm2, 64(%1)\n vmovups %%ymm3, 96(%1)\n"
			 "vmovups %%ymm4, 128(%1)\n vmovups %%ymm5, 160(%1)\n"
			 "vmovups %%ymm6, 192(%1)\n vmovups %%ymm7, 224(%1)\n"
			 "vmovups %%ymm8, 256(%1)\n vmovups %%ymm9, 288(%1)\n"
			 "vmovups %%ymm10, 320(%1)\n vmovups %%ymm11, 352(%1)\n"
			 "vmovups %%ymm12, 384(%1)\n vmovups %%ymm13, 416(%1)\n"
			 "vmovups %%ymm14, 448(%1)\n vmovups %%ymm15, 480(%1)\n"
			 :
			 : "r"(in), "r"(out), "r"(&stop), "r"(&turns)
			 : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
			   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	return memcmp(in, out, 512);
}

/* The same for zmm16 to zmm31 and the masks, where there are any. */
__attribute__((target("avx512f"))) static int keep_avx512(const float *in, float *out)
{
	__asm__ volatile("vmovups 0(%0), %%zmm16\n vmovups 64(%0), %%zmm31\n"
			 "vmovups 128(%0), %%zmm5\n mov $0x5a5a, %%eax\n kmovw %%eax, %%k3\n"
			 "movl $1, (%3)\n"
			 "1: pause\n cmpl $0, (%2)\n je 1b\n"
			 "vmovups %%zmm16, 0(%1)\n vmovups %%zmm31, 64(%1)\n"
			 "vmovups %%zmm5, 128(%1)\n kmovw %%k3, %%eax\n movl %%eax, 192(%1)\n"
			 :
			 : "r"(in), "r"(out), "r"(&stop), "r"(&turns)
			 : "memory", "eax");
	return memcmp(in, out, 192) || *(int *)(out + 48) != 0x5a5a;
}

static void *run(void *arg)
{
	float in[128], out[128] = {0};

	(void)arg;
	for (int i = 0; i < 128; i++)
		in[i] = (float)i * 1.5f + 1;
	if (!__builtin_cpu_supports("avx")) {
		turns = 1;
		return NULL;
	}
	return (void *)(long)(__builtin_cpu_supports("avx512f") ? keep_avx512(in, out)
								: keep_avx(in, out));
}

int main(int argc, char **argv)
{
	pthread_t thread;
	void *result;
	int again;

	take_init(argc, argv);
	CHECK(pthread_create(&thread, NULL, run, NULL) == 0);
	while (!turns)
		usleep(1000);
	again = take();
	usleep(10000);
	stop = 1;
	CHECK(pthread_join(thread, &result) == 0 && result == NULL);
	printf("%s\n", again ? "restored" : "original");
	return 0;
}
