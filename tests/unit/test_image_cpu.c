/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/cpu.h"
#include "unit.h"

#include <string.h>

static void test_same(void)
{
	struct rf_cpu cpu;

	rf_cpu_read(&cpu);
	CU_ASSERT_NOT_EQUAL(cpu.features[1], 0); /* SSE2 at least */
	CU_ASSERT_EQUAL(rf_cpu_check(&cpu, &cpu, NULL), 0);
}

static void test_missing(void)
{
	struct rf_cpu here, image;
	struct rf_error err;

	rf_cpu_read(&here);
	image = here;
	here.features[2] &= ~(1u << 5);
	image.features[2] |= 1u << 5;
	CU_ASSERT_EQUAL(rf_cpu_check(&image, &here, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, " avx2;"));
	CU_ASSERT_EQUAL(rf_cpu_check(&here, &image, NULL), 0); /* more is no harm */
}

static void test_unnamed(void)
{
	struct rf_cpu here = {.model = "H"}, image = {.model = "I"};
	struct rf_error err;

	image.features[5] = 1u << 20;
	CU_ASSERT_EQUAL(rf_cpu_check(&image, &here, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "minor"));
}

static void test_xsave(void)
{
	struct rf_cpu here = {.xcr0 = 0xe7}, image = {.xcr0 = 0xe7};
	struct rf_error err;

	here.component_offset[5] = 832; /* where AMD has the AVX-512 masks */
	image.component_offset[5] = 1088;
	CU_ASSERT_EQUAL(rf_cpu_check(&image, &here, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "state component 5"));
	here = image;
	here.xcr0 = 7;
	CU_ASSERT_EQUAL(rf_cpu_check(&image, &here, NULL), -1);
	here.xcr0 = 0xe7;
	CU_ASSERT_EQUAL(rf_cpu_check(&image, &here, NULL), 0);
}

static const struct unit_test tests[] = {
	{"a CPU can take its own place", test_same},
	{"a missing feature is named, an additional one is no harm", test_missing},
	{"a missing feature without a name counts as well", test_unnamed},
	{"extended state in another place is refused", test_xsave},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("image_cpu", tests);
}
