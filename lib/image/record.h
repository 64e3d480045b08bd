/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The records of an image, version 1: what is kept of a process besides its pages.
 *
 * An image is a set of tables; a table is an array of one of the structs below, or bytes. All
 * numbers are little-endian and naturally aligned, there are no pointers into the capturing
 * process's scratch memory, and addresses are the application's. docs/format.md says how a table
 * looks in an HDF5 file. A change here is a new RF_IMAGE_VERSION.
 */
#ifndef RF_IMAGE_RECORD_H
#define RF_IMAGE_RECORD_H

#include <stdint.h>

#define RF_IMAGE_VERSION 1
#define RF_PAGE_SIZE	 4096UL

enum rf_table {
	RF_TABLE_PROCESS,  /* one struct rf_process */
	RF_TABLE_CPU,	   /* one struct rf_cpu */
	RF_TABLE_THREADS,  /* struct rf_thread; the leader (tid == pid) first */
	RF_TABLE_ACTIONS,  /* struct rf_action, 64: signal 1 first */
	RF_TABLE_PENDING,  /* struct rf_pending, in the order of arrival */
	RF_TABLE_TIMERS,   /* struct rf_timer */
	RF_TABLE_LIMITS,   /* struct rf_limit, in the order of RLIMIT_* */
	RF_TABLE_FILES,	   /* struct rf_file, ascending fd */
	RF_TABLE_LOCKS,	   /* struct rf_lock */
	RF_TABLE_CONTENTS, /* bytes: contents of pipes and of deleted and saved files */
	RF_TABLE_REGIONS,  /* struct rf_region, ascending address */
	RF_TABLE_NAMES,	   /* bytes: strings that end in a zero; offset 0 is the empty string */
	RF_TABLE_RUNS,	   /* struct rf_run, ascending address */
	RF_TABLE_VDSO,	   /* bytes: the vdso as it was mapped */
	RF_TABLE_AUXV,	   /* bytes: /proc/self/auxv */
	RF_TABLE_MPI,	   /* bytes: opaque to this library */
	RF_TABLES
};

struct rf_range {
	uint64_t start, end; /* page aligned, [start, end) */
};

struct rf_process {
	int32_t pid;
	int32_t capturer; /* tid of the thread that called rf_image_capture() */
	uint32_t umask;
	uint32_t personality;
	uint32_t dumpable, thp_disable;
	uint32_t cwd, exe; /* names */
	uint64_t start_code, end_code, start_data, end_data, start_brk, brk;
	uint64_t start_stack, arg_start, arg_end, env_start, env_end;
	uint64_t resume; /* where the restored process looks for its struct rf_resume */
	uint64_t rseq_length;
	uint64_t monotonic, realtime;  /* nanoseconds, at the capture */
	struct rf_range vvar[3], vdso; /* unused ones are 0, 0 */
	struct rf_range reserved[16];  /* ranges that were excluded: nothing may be placed there */
	uint32_t reserved_count, pad;
};

/* What the code in the image may have found out about its CPU and relies on. */
#define RF_CPU_WORDS	  8
#define RF_CPU_COMPONENTS 19

struct rf_cpu {
	uint32_t features[RF_CPU_WORDS]; /* cpuid words, see cpu.c */
	uint64_t xcr0;
	uint32_t
		component_offset[RF_CPU_COMPONENTS]; /* of xsave state component i, standard form */
	uint32_t component_size[RF_CPU_COMPONENTS];
	char model[64];
};

/* Registers that a called function must preserve; all others are dead, or in a signal frame. */
struct rf_context {
	uint64_t rbx, rbp, r12, r13, r14, r15, rsp, rip;
	uint32_t mxcsr;
	uint16_t fcw, pad;
};

struct rf_thread {
	int32_t tid;
	uint32_t exited; /* a leader that has left by pthread_exit() while others run */
	struct rf_context context;
	uint64_t fs, gs;
	uint64_t tid_address, robust_list, robust_length, rseq;
	uint64_t signal_mask;
	uint64_t altstack, altstack_size;
	int32_t altstack_flags;
	uint32_t timer_slack;
	char name[16];
};

struct rf_action {
	uint64_t handler, flags, restorer, mask; /* the kernel's struct sigaction */
};

struct rf_pending {
	int32_t tid; /* 0: pending for the process */
	int32_t signal;
	uint8_t info[128]; /* siginfo_t */
};

enum rf_timer_kind { RF_TIMER_INTERVAL, RF_TIMER_POSIX };

struct rf_timer {
	uint32_t kind;
	int32_t id; /* which: ITIMER_*, or the kernel's timer id */
	int32_t clock;
	int32_t notify; /* sigev_notify as the kernel knows it */
	int32_t signal;
	int32_t tid; /* for SIGEV_THREAD_ID */
	uint64_t value;
	int64_t interval_s, interval_ns, remaining_s,
		remaining_ns; /* itimers: microseconds x 1000 */
};

struct rf_limit {
	uint64_t soft, hard;
};

enum rf_file_kind {
	RF_FILE_REGULAR,   /* by path */
	RF_FILE_DELETED,   /* a regular file without a name; content in the image */
	RF_FILE_DIRECTORY, /* by path */
	RF_FILE_DEVICE,	   /* /dev/null and its like, by path */
	RF_FILE_TERMINAL,  /* the controlling terminal of the new process, if it has one */
	RF_FILE_STDIO,	   /* what the process was started with as fd 0, 1 or 2 */
	RF_FILE_PIPE,	   /* both ends inside the process; content in the image, at the read end */
};

/* In rf_file.flags: what a regular file contained is in the image, and is put back. */
#define RF_FILE_SAVED (1u << 31)

struct rf_file {
	int32_t fd;
	uint32_t kind;
	uint32_t flags;	     /* F_GETFL */
	uint32_t descriptor; /* F_GETFD */
	int64_t offset;
	uint64_t device, inode, size;
	int32_t same_as; /* lowest fd of the same open file description, or -1 */
	int32_t stdio;	 /* 0, 1, 2, or -1 */
	uint32_t name;
	uint32_t pipe_size;
	uint64_t content, content_bytes; /* in RF_TABLE_CONTENTS */
};

enum rf_lock_kind { RF_LOCK_POSIX, RF_LOCK_OFD, RF_LOCK_FLOCK };

struct rf_lock {
	int32_t fd;
	uint32_t kind;
	uint32_t write; /* 0: shared */
	uint32_t pad;
	uint64_t start, length; /* length 0: to the end of the file */
};

enum {
	RF_REGION_FILE = 1 << 0,     /* was a private mapping of a file */
	RF_REGION_SHARED = 1 << 1,   /* anonymous, shared with nobody but future children */
	RF_REGION_STACK = 1 << 2,    /* grows down */
	RF_REGION_HEAP = 1 << 3,     /* the brk area */
	RF_REGION_HUGETLB = 1 << 4,  /* explicit huge pages */
	RF_REGION_HUGE = 1 << 5,     /* MADV_HUGEPAGE */
	RF_REGION_NOHUGE = 1 << 6,   /* MADV_NOHUGEPAGE */
	RF_REGION_DONTFORK = 1 << 7, /* MADV_DONTFORK */
	RF_REGION_WIPE = 1 << 8,     /* MADV_WIPEONFORK */
	RF_REGION_LOCKED = 1 << 9,   /* mlock */
	RF_REGION_NORESERVE = 1 << 10,
};

struct rf_region {
	uint64_t start, end;
	uint64_t offset; /* in the file */
	uint32_t protection;
	uint32_t flags;
	uint32_t name;
	uint32_t pad;
};

/* Pages that are neither absent nor zero. Page i of the run is page first + i of its source. */
struct rf_run {
	uint64_t address;
	uint64_t first;
	uint32_t pages;
	uint32_t source; /* 0: this image, n: row n - 1 of the table of base files */
};

/* XXH3 128 bits, seed 0, of one page */
struct rf_sum {
	uint64_t low, high;
};

/* In a comparison with a base: this page has not been written to since the base was taken. */
#define RF_SUM_UNCHANGED ((struct rf_sum){UINT64_MAX, UINT64_MAX})

/* Bytes of one record of a table; 1 for tables of bytes. */
uint32_t rf_record_size(enum rf_table table);

/* Name of a table, as in messages and in docs/format.md. */
const char *rf_table_name(enum rf_table table);

/* A filled table. The bytes belong to whoever made the set. */
struct rf_tables {
	struct {
		void *data;
		uint64_t count; /* records */
	} table[RF_TABLES];
	uint64_t pages; /* of source 0 */
};

#endif
