/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/room.h"

#include "engine/maps.h"

/*
 * mmap_base() of arch/x86/mm/mmap.c and ELF_ET_DYN_BASE: one and two thirds of TASK_SIZE, and 28
 * random bits of a page number. Where a kernel is set to take more bits (vm.mmap_rnd_bits), most
 * programs are further up, and seldom meet.
 */
#define TEBIBYTE (1ul << 40)
static const unsigned long low[RF_ROOM_PARTS] = {0x2aaaaaaaa000ul, 0x555555554000ul};

/* What is free up to `to`, where the next mapping begins; `*from` is where the last one ends. */
static void consider(struct rf_room_part *part, unsigned long *from, unsigned long to,
		     unsigned long next)
{
	if (to > *from && to - *from > part->end - part->begin)
		*part = (struct rf_room_part){*from, to};
	if (next > *from)
		*from = next;
}

int rf_room_find(struct rf_room *room, struct rf_error *err)
{
	unsigned long from[RF_ROOM_PARTS];
	struct rf_maps maps;

	if (rf_maps_open(&maps, err))
		return -1;
	for (int i = 0; i < RF_ROOM_PARTS; i++) {
		from[i] = low[i];
		room->part[i] = (struct rf_room_part){low[i], low[i]};
	}
	while (rf_maps_next(&maps))
		for (int i = 0; i < RF_ROOM_PARTS; i++) {
			unsigned long to = low[i] + TEBIBYTE;

			consider(&room->part[i], &from[i], maps.begin < to ? maps.begin : to,
				 maps.end);
		}
	rf_maps_close(&maps);
	for (int i = 0; i < RF_ROOM_PARTS; i++) {
		struct rf_room_part *part = &room->part[i];
		unsigned long margin;

		consider(part, &from[i], low[i] + TEBIBYTE, 0);
		margin = (part->end - part->begin) / 16;
		part->begin += margin;
		part->end -= margin;
	}
	return 0;
}

static int is_outside(const struct rf_maps *maps, const struct rf_room_part *part,
		      unsigned long from)
{
	return maps->end > from && maps->begin < from + TEBIBYTE &&
	       (maps->begin < part->begin || maps->end > part->end);
}

int rf_room_holds(const struct rf_room *room, struct rf_error *err)
{
	struct rf_maps maps;
	int holds = 1;

	if (!room->part[0].end)
		return 1;
	if (rf_maps_open(&maps, err))
		return -1;
	while (holds && rf_maps_next(&maps))
		for (int i = 0; i < RF_ROOM_PARTS; i++)
			holds = holds && !is_outside(&maps, &room->part[i], low[i]);
	rf_maps_close(&maps);
	return holds;
}
