/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <sys/mman.h>

#include "engine/room.h"

#define PAGE	 4096ul
#define TEBIBYTE (1ul << 40)
#define LOW	 0x2aaaaaaaa000ul /* where the kernel's legacy layout begins */
#define PROGRAMS 0x555555554000ul

static void map(unsigned long at)
{
	CU_ASSERT_PTR_EQUAL_FATAL(mmap((void *)at, PAGE, PROT_NONE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
				  at);
}

static void find(unsigned long begin, unsigned long end)
{
	unsigned long margin = (end - begin) / 16;
	struct rf_room room;
	struct rf_error err;

	CU_ASSERT_EQUAL_FATAL(rf_room_find(&room, &err), 0);
	CU_ASSERT_EQUAL(room.part[0].begin, begin + margin);
	CU_ASSERT_EQUAL(room.part[0].end, end - margin);
	CU_ASSERT(room.part[1].begin >= PROGRAMS && room.part[1].end <= PROGRAMS + TEBIBYTE);
	CU_ASSERT(room.part[1].end - room.part[1].begin > TEBIBYTE / 4);
}

static void test_find(void)
{
	unsigned long first = LOW + TEBIBYTE / 4, second = LOW + TEBIBYTE / 8 * 7;

	find(LOW, LOW + TEBIBYTE);
	map(first);
	find(first + PAGE, LOW + TEBIBYTE);
	map(second);
	find(first + PAGE, second);
	map(LOW + TEBIBYTE); /* beyond it */
	find(first + PAGE, second);
	munmap((void *)first, PAGE);
	munmap((void *)second, PAGE);
	munmap((void *)(LOW + TEBIBYTE), PAGE);
}

static void test_holds(void)
{
	struct rf_room all = {{{LOW, LOW + TEBIBYTE}, {PROGRAMS, PROGRAMS + TEBIBYTE}}};
	struct rf_room none = all, anywhere = {0}, other = all, found;
	unsigned long at = LOW + TEBIBYTE / 2;
	struct rf_error err;

	none.part[1].end = PROGRAMS + PAGE; /* this program is further up */
	other.part[0].begin = at + PAGE;
	CU_ASSERT_EQUAL(rf_room_holds(&all, &err), 1);
	CU_ASSERT_EQUAL(rf_room_holds(&none, &err), 0);
	CU_ASSERT_EQUAL(rf_room_holds(&other, &err), 1);
	map(at);
	CU_ASSERT_EQUAL(rf_room_holds(&all, &err), 1);
	CU_ASSERT_EQUAL(rf_room_holds(&other, &err), 0);
	CU_ASSERT_EQUAL(rf_room_holds(&anywhere, &err), 1);
	CU_ASSERT_EQUAL(rf_room_find(&found, &err), 0);
	CU_ASSERT_EQUAL(rf_room_holds(&found, &err), 0); /* what is free here is not where it is */
	munmap((void *)at, PAGE);
}

static const struct unit_test tests[] = {
	{"the room is the largest part that is free", test_find},
	{"who has mappings elsewhere is not in it", test_holds},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("room", tests);
}
