/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The last part of a restore: code that is copied to a place where the image has nothing, and runs
 * when all that belongs to the restoring program is unmapped, its libc too.
 *
 * blob.c is compiled so that everything it needs is in one section: no calls out of it, no
 * constants in other sections, no thread-local storage. tests/image/blob-section.sh looks at the
 * relocations.
 */
#ifndef RF_IMAGE_BLOB_H
#define RF_IMAGE_BLOB_H

#include "image/image.h"

#include <linux/prctl.h>

#define RF_BLOB_STACK 16384

enum rf_blob_step {
	RF_BLOB_UNMAP,
	RF_BLOB_VDSO,
	RF_BLOB_MM,
	RF_BLOB_CLONE,
	RF_BLOB_FS,
	RF_BLOB_ROBUST,
	RF_BLOB_RSEQ,
	RF_BLOB_SIGNAL,
	RF_BLOB_TIMER,
	RF_BLOB_STEPS
};

struct rf_blob_thread {
	struct rf_thread record;
	uint64_t stack; /* its top while in the blob */
	struct rf_resumed_thread *ids;
	uint64_t plan;
};

/* Everything the blob needs; lies in its zone, as does all that it points to. */
struct rf_plan {
	struct rf_range zone;
	uint64_t stack;	    /* top, for the first thread */
	int32_t message_fd; /* for a last message; closed before the jump; or -1 */
	int32_t pid, started, go;

	const struct rf_range *keep; /* ascending, the zone included; all else is unmapped */
	uint64_t keeps;

	/* vvar and vdso areas: moved to `park`, and from there to where the image has them; 0: stay
	 */
	struct rf_range vdso[4];
	uint64_t vdso_to[4];
	uint64_t vdsos, park;

	struct prctl_mm_map mm;
	const struct rf_action *actions;
	const struct rf_pending *pending;
	uint64_t pendings;
	const struct rf_timer *timers;
	uint64_t timers_count;
	struct rf_blob_thread *threads; /* the leader first */
	uint64_t threads_count;
	uint64_t rseq_length;
	int32_t *result_pid;
	char step[RF_BLOB_STEPS][32]; /* what to say when a step fails */
};

/* Where the section is, and how far into it the entry is. */
extern const char rf_blob_start[] __asm__("__start_rf_blob");
extern const char rf_blob_end[] __asm__("__stop_rf_blob");
void rf_blob_entry(struct rf_plan *plan) __attribute__((noreturn));

#endif
