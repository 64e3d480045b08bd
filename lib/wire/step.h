/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words of a quiesce (docs/protocol.md). The coordinator gives an order to ranks; each answers
 * with one report, which names the order's id and step. Keepers only pass them on. One quiesce at a
 * time per job; its id is the same in all of its orders, and never used again.
 */
#ifndef RF_WIRE_STEP_H
#define RF_WIRE_STEP_H

#define RF_POKE_SIGNAL 33	  /* glibc's SIGSETXID, which a program can not block or catch */
#define RF_POKE_VALUE  0x52666b50 /* si_value of ours: look for an order on your link */

enum rf_step {
	/* Begin: report clocks. From now on stop before every collective. */
	RF_STEP_QUIESCE = 1,
	/*
	 * body: clocks.h, targets. Go on to them: stop before a collective that would pass one; a
	 * communicator that has none stays where it is. Report clocks when every communicator is at
	 * or beyond its target, when parked below one, and when blocked below one; and again
	 * whenever that has changed, since this order is never answered for good: the pokes go on.
	 */
	RF_STEP_TARGETS,
	/*
	 * body: clocks.h, no clocks. Report clocks. Who is parked before a collective begins that
	 * one then, whatever the target; so nothing follows from clocks that are equal now.
	 */
	RF_STEP_ADVANCE,
	/* Stop at the next safe point, flush, drain. Report when drained. */
	RF_STEP_STOP,
	/* body: texts "key=value", each with its zero. Report when the image is held. */
	RF_STEP_CAPTURE,
	/* No order: the image's file is complete, or has failed. Reported by the keeper. */
	RF_STEP_WRITTEN,
	/* body: the environment of another slot, each variable with its zero; fds 1 to 3: its
	 * standard files. Take another engine. Report READY. RESUME makes it final, CANCEL undoes
	 * it. */
	RF_STEP_SWITCH,
	/* No order: a restored or switched rank has its MPI state again. */
	RF_STEP_READY,
	/* Give drained messages back and go on. Report when done. */
	RF_STEP_RESUME,
	/* At any time, also while another order is unanswered: go on. Report when done. */
	RF_STEP_CANCEL,
	/* The rank goes on in another process: take part in the others' RESUME, and end. No report.
	 */
	RF_STEP_LEAVE,
	/* After RESUME behind a SWITCH: report when nothing of the last engine is left, which ends
	 * while the application runs. */
	RF_STEP_CLEAR,
	/*
	 * Outside any quiesce. body: texts as of CAPTURE. An image of the memory is taken at once,
	 * wherever the rank is, and the rank goes on. Report when it is held; WRITTEN follows.
	 * CANCEL ends the writing.
	 */
	RF_STEP_PRECOPY,
	/*
	 * While the application runs. body: the environment of another slot: load an engine for it,
	 * let it begin MPI_Init, and report when it has come. Without a body: report, as a body,
	 * what an engine must know that is to come elsewhere (snapshot/standby.h). CANCEL throws
	 * that engine away, SWITCH takes it.
	 */
	RF_STEP_PREPARE,
	/*
	 * To a process that stands by for a rank, while the rank runs. body: the path of a round's
	 * image (PRECOPY). Put its memory in place, so that SWITCH has only the rest to do. Report
	 * when that is done.
	 */
	RF_STEP_PLACE,
	/*
	 * Outside any quiesce, wherever the rank is: what its threads were writing into other
	 * processes when the order came has been written when it reports.
	 */
	RF_STEP_FENCE,
	/* No order: the rank's file, which is on its host, is copied into the store. Reported by
	 * the keeper. */
	RF_STEP_STORED,
	RF_STEPS /* how many, not a step */
};

/* Where a rank is, as it reports it. */
enum rf_where {
	RF_WHERE_COMPUTING,
	RF_WHERE_PARKED,     /* before a collective */
	RF_WHERE_BLOCKED,    /* in a wait */
	RF_WHERE_COLLECTIVE, /* inside a collective */
	RF_WHERES
};

#endif
