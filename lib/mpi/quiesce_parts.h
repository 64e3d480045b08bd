/* SPDX-License-Identifier: BSD-3-Clause */
/* A rank's quiesce, between the files quiesce*.c. See quiesce.h. */
#ifndef RF_MPI_QUIESCE_PARTS_H
#define RF_MPI_QUIESCE_PARTS_H

#include <stdint.h>

#include "mpi/quiesce.h"
#include "wire/clocks.h"
#include "wire/rankmsg.h"
#include "wire/step.h"

enum rf_phase {
	IDLE,	   /* no quiesce */
	LIMITED,   /* collectives are held at their targets */
	STOPPING,  /* draining */
	STOPPED,   /* at a safe point, until an order comes */
	FINISHING, /* the end of a change of engines, if there was one */
	RESUMING,  /* giving back */
	ENDING,	   /* the application may go on as soon as that was reported */
};

/* Changed only by the thread that has `lock`; `phase` and `advances` are read by others, too. */
struct rf_quiesce {
	int lock;
	enum rf_phase phase;
	uint32_t id, round, seq; /* of the last order */
	enum rf_step owed;	 /* the order that is not answered; 0: none */
	int drained;		 /* messages may have been: all ranks give back at the end */
	int draining;		 /* the drain has begun */
	uint32_t epoch;		 /* changes as long as the drain is not done */
	int serial;		 /* one thread at a time may call MPI */
	int failed;		 /* an error was reported: the end is awaited */
	unsigned advances;	 /* how many ADVANCE have come */
	unsigned begun;		 /* collectives that were begun */
	uint32_t unready;	 /* communicators that were being made, in the last report */
	int freeze;		 /* rf_limits_freeze() is to be done */
	uint64_t asked;		 /* when CAPTURE came, ns */
	uint64_t since;		 /* when the call began to wait, ns; 0: no call waits */
	uint64_t progressed;	 /* the last turn of the progress loop, ns */
	const struct rf_clocks *targets; /* to be taken over; NULL: they were */
	size_t targets_size;
	struct rf_rankmsg message; /* not on the stack, which may be a small one */
	struct rf_error err;
	const void *body; /* of CAPTURE and SWITCH, mapped */
	size_t body_size;
	int files[3]; /* of SWITCH; of CAPTURE, a socket; -1: none */
	struct {
		uint32_t round;
		enum rf_where where;
		int reached;
		unsigned begun;
	} said; /* in the last answer to TARGETS */
};

extern struct rf_quiesce rf_quiesce;

/* Answers to the last order, by the thread that has the lock. After an error the end is awaited. */
void rf_report(enum rf_step step, enum rf_where where, const void *body, size_t size, int fd);
void rf_report_error(enum rf_step step, const struct rf_error *err);
/* To CAPTURE: the image is held, or has these sizes. */
void rf_report_image(const char *sizes, int fd);
/* With this rank's clocks. 1: reported, or an error was; 0: not now. */
int rf_report_clocks(enum rf_where where);

/* Where the rank is, for the coordinator. */
enum rf_where rf_agree_where(enum rf_at at, enum rf_inside in);

/*
 * May a counter have been read that a thread takes back, as it is held before what it has counted?
 * To be asked behind the reading.
 */
int rf_agree_is_counting(void);

/* A turn while ranks agree on how far their collectives go. See rf_quiesce_turn(). */
enum rf_turn rf_agree_turn(enum rf_at at, enum rf_inside in, struct rf_handle *before);

/*
 * A collective begins, and is counted. If that brings the rank to its targets it says so now: the
 * program may not come to MPI again for long.
 */
void rf_agree_begin(struct rf_handle *handle);

/* CLOCK_MONOTONIC. */
uint64_t rf_quiesce_ns(void);

#endif
