/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an engine is made for: where it lies, and what it finds in every thread of the process that
 * uses it. Mostly that is the process that loads it. It can also be another one, whose image takes
 * the loading process over afterwards (standby.h).
 */
#ifndef RF_ENGINE_SEAT_H
#define RF_ENGINE_SEAT_H

#include "engine/room.h"
#include "util/error.h"

struct rf_seat {
	int window, slot; /* numbers */
	int shared;	  /* threads have one thread block for both halves */
	int delta;	  /* shared mode, see tls.h */
	unsigned long gap;
	unsigned int first_key;
	unsigned char random[16]; /* guards of stacks and pointers come from these */
	struct rf_room room;	  /* for who loads the engine until then */
};

#define RF_SEAT_TEXT 240

/* A seat that is free in this process, as text. For engines that are loaded elsewhere. 0 or -1. */
int rf_seat_offer(char text[RF_SEAT_TEXT], struct rf_error *err);

/* 0, or -1: no seat. */
int rf_seat_parse(const char *text, struct rf_seat *seat);

#endif
