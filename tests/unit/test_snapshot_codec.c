/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/codec.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define SIZE (1 << 20)

static char *text(void)
{
	char *p = malloc(SIZE);

	for (int i = 0; i < SIZE; i++)
		p[i] = (char)("the quick brown fox"[i % 19] + i / 4096);
	return p;
}

static void round_trip(enum rf_codec codec)
{
	char *in = text(), *packed = malloc(SIZE), *out = malloc(SIZE);
	size_t n = rf_codec_pack(codec, 3, in, SIZE, packed, SIZE);

	CU_ASSERT_TRUE(n > 0 && n < SIZE / 4);
	CU_ASSERT_EQUAL(rf_codec_unpack(codec, packed, n, out, SIZE), 0);
	CU_ASSERT_EQUAL(memcmp(in, out, SIZE), 0);
	for (size_t cut = 0; cut < n; cut += n / 50 + 1)
		CU_ASSERT_EQUAL(rf_codec_unpack(codec, packed, cut, out, SIZE), -1);
	CU_ASSERT_EQUAL(rf_codec_unpack(codec, packed, n, out, SIZE / 2), -1);
	free(in);
	free(packed);
	free(out);
}

static void test_lz4(void)
{
	round_trip(RF_CODEC_LZ4);
}

static void test_zstd(void)
{
	round_trip(RF_CODEC_ZSTD);
}

static void test_random(void)
{
	char *in = malloc(SIZE), *packed = malloc(SIZE);

	for (int i = 0; i < SIZE; i++)
		in[i] = (char)rand();
	CU_ASSERT_EQUAL(rf_codec_pack(RF_CODEC_LZ4, 1, in, SIZE, packed, SIZE), 0);
	CU_ASSERT_EQUAL(rf_codec_pack(RF_CODEC_ZSTD, 1, in, SIZE, packed, SIZE), 0);
	free(in);
	free(packed);
}

static void test_parse(void)
{
	static const char *const wrong[] = {"",	       "gzip",	  "zstd:", "zstd:0",
					    "zstd:99", "zstd:3x", "lz4:1"};
	enum rf_codec codec;
	int level;

	CU_ASSERT_EQUAL(rf_codec_parse("lz4", &codec, &level, NULL), 0);
	CU_ASSERT_EQUAL(codec, RF_CODEC_LZ4);
	CU_ASSERT_EQUAL(rf_codec_parse("zstd:7", &codec, &level, NULL), 0);
	CU_ASSERT_TRUE(codec == RF_CODEC_ZSTD && level == 7);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CU_ASSERT_EQUAL(rf_codec_parse(wrong[i], &codec, &level, NULL), -1);
}

static const struct unit_test tests[] = {
	{"LZ4 gives back what it was given, and refuses what is cut", test_lz4},
	{"Zstandard gives back what it was given, and refuses what is cut", test_zstd},
	{"what does not become smaller is not packed", test_random},
	{"names of compressions", test_parse},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("snapshot_codec", tests);
}
