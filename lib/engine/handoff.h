/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the loader and an engine program tell each other. Both halves are built together; the
 * version only catches an engine program left over from another installation.
 */
#ifndef RF_ENGINE_HANDOFF_H
#define RF_ENGINE_HANDOFF_H

#include <stddef.h>

#define RF_HANDOFF_VERSION  3
#define RF_HANDOFF_VARIABLE "RANKFERRY_HANDOFF" /* holds the address of the handoff, in hex */

/* TLS of the program itself: one block of this size and alignment, and nothing else. */
#define RF_PROGRAM_TLS 64

/* Engines' pthread keys in shared mode: this many per slot, at the upper end of all keys. */
#define RF_KEYS_PER_SLOT 64
#define RF_KEYS_TOTAL	 1024 /* PTHREAD_KEYS_MAX */

#define RF_HANDOFF_THREADS 256 /* threads of an engine's own that are noted */

/* What a thread of the application is to the engine's libc. */
struct rf_identity {
	unsigned long fs;		/* shared: thread block that dtv's addresses are right for;
					   FS modes: thread block of a parked thread */
	void *dtv;			/* shared: as glibc's dtv_t[], from index 0 */
	int fresh;			/* no thread has used it yet */
	void *values[RF_KEYS_PER_SLOT]; /* of the engine's pthread keys */
	struct rf_identity *next;
	unsigned char block[] __attribute__((aligned(64)));
};

/*
 * The engine's helpers. service: only with FS at the engine's own thread block (handoff.engine_fs),
 * one caller at a time; inside: on an attached thread that is inside the engine.
 */
struct rf_handoff;
struct rf_program {
	unsigned int version;
	/*
	 * service. Fills fs, dtv, fresh and block for a thread block at `fs` whose area for the
	 * engine, `room` bytes like block, ends at fs - gap. 0, or -1 and why.
	 */
	int (*identity_make)(struct rf_identity *id, unsigned long fs, size_t gap, size_t room,
			     char why[256]);
	/* service. Starts a parked thread and returns its thread block, 0 if it cannot. */
	unsigned long (*thread_park)(void);
	/* inside. The engine's keys of the calling thread. */
	void (*keys_save)(void *values[RF_KEYS_PER_SLOT]);
	void (*keys_load)(void *const values[RF_KEYS_PER_SLOT]);
	/* inside. Character tables of the calling thread. */
	void (*ctype_init)(void);
	/* service. */
	void *(*symbol)(const char *name);
	/* Where it keeps the address of its handoff: it moves with the application half. */
	struct rf_handoff **handoff;
	/* Build-id of the engine's libc. */
	const unsigned char *libc_id;
	size_t libc_id_size;
};

/* Lives in the application half. The assembly in start.c knows the first four offsets. */
struct rf_handoff {
	unsigned long app_sp;	 /* 0 */
	unsigned long app_fs;	 /* 8 */
	unsigned long engine_fs; /* 16 */
	void (*back)(struct rf_handoff *handoff);
	unsigned int version;
	int shared;		/* is the engine's TLS below the application's? */
	unsigned int first_key; /* shared mode */
	const struct rf_program *program;
	const void *table;
	int threads[RF_HANDOFF_THREADS]; /* tids of those that live now; 0: unused */
	int status;			 /* if the program exited instead of publishing */
	char why[256];			 /* why it could not start */
};

#endif
