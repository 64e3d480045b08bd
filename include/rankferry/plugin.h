/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plugin of Rankferry: one C file that defines `rankferry_plugin`, built with
 *
 *	cc -shared -fPIC -o monitor-NAME.so NAME.c
 *
 * and put into a directory of $RANKFERRY_PLUGIN_PATH, or beside Rankferry's own, which are no
 *different. Its file is KIND-NAME.so. See rankferry-plugin(7).
 *
 * It runs in a process of its own, by itself, one call at a time; so it may wait, leak and crash,
 *but not forever: a call that takes longer than the option `timeout` (10 s) ends the process. It is
 *then started again, at most three times an hour. What it prints goes nowhere: use fail(). Whatever
 *it is given is valid until its call returns; what it gives must be valid until then.
 *
 * Structs begin with their size, and grow only at their end: read no member beyond `size` of what
 *you are given, and set `size` in what you give. RANKFERRY_PLUGIN_ABI changes when that does not
 *suffice.
 */
#ifndef RANKFERRY_PLUGIN_H
#define RANKFERRY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RANKFERRY_PLUGIN_ABI 1

enum rankferry_kind {
	RANKFERRY_MONITOR = 1, /* says which hosts are to be emptied: look() */
	RANKFERRY_PLACEMENT,   /* chooses where ranks go that move: place() */
	RANKFERRY_NOTIFY,      /* passes on what happens: notify() */
};

enum rankferry_state {
	RANKFERRY_OK,	     /* may be used */
	RANKFERRY_DRAIN,     /* is to be emptied */
	RANKFERRY_UNHEALTHY, /* is about to fail */
	RANKFERRY_ENDS,	     /* will be there until `deadline`: it is emptied in time */
};

/* What a monitor says of hosts. */
struct rankferry_word {
	size_t size;
	const char *host; /* a name, or a list: "node[1-4,7]" */
	enum rankferry_state state;
	int64_t deadline;   /* when it must be empty, in seconds since 1970; 0: not known */
	const char *reason; /* for people, or NULL */
};

/* A host of the job, or one that its ranks may go to. */
struct rankferry_host {
	size_t size;
	const char *name;
	unsigned cpus;	/* for this job; 0: not known */
	unsigned ranks; /* that are there and stay */
	unsigned room;	/* for how many more; 0: none may go there */
	int spare;	/* it has no rank of the job, and was named as a spare */
	/* As its keeper has measured it a few seconds ago, if the job is there; below 0: not known.
	 */
	double load;		       /* CPUs that others than the job use, or wait for */
	double pressure;	       /* % of 10 s in which all work waited for memory */
	double memory, available;      /* bytes that there are, and that can still be had */
	double corrected, uncorrected; /* memory errors since it has started */
	double heat; /* % of the temperature at which it would switch itself off */
};

/* Ranks that are to move. */
struct rankferry_move {
	size_t size;
	unsigned ranks;
	const unsigned *rank; /* which */
	const unsigned *from; /* where each is: an index in `host` */
	unsigned hosts;
	const struct rankferry_host *const *host;
};

/* What has happened. */
struct rankferry_event {
	size_t size;
	const char *name; /* "move.done" */
	const char *time; /* "2026-11-28T09:00:00.000Z" */
	const char *job;
	const char *text; /* a line for people */
	const char *json; /* all of it: an object on one line */
};

#define RANKFERRY_NOT_ENDED (-2) /* of run() */

/* What a plugin can use. */
struct rankferry_core {
	size_t size;
	/* The value that the user gave for one of `options`, else its preset. */
	const char *(*option)(const struct rankferry_core *core, const char *name);
	/* In look(): a word on hosts, of at most 8192 that are not ok. Of two on one the worse
	 * counts. */
	void (*tell)(const struct rankferry_core *core, const struct rankferry_word *word);
	/* Says why a call fails, in a line for people, and returns -1. */
	int (*fail)(const struct rankferry_core *core, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
	/*
	 * Runs a program, by PATH, with these arguments and up to `size` - 1 bytes of its output as
	 * a text in `out` (NULL: none); stdin and stderr are empty. Returns its exit code, 128 + N
	 * if signal N has killed it; RANKFERRY_NOT_ENDED if it had not ended after `ms`, and was
	 * killed with its children; -1 after a fail() if it can not be run.
	 */
	int (*run)(const struct rankferry_core *core, const char *const argv[], int ms, char *out,
		   size_t size);
	/* A line for people about what does not make the call fail. It is said when it is not the
	 * last one's. */
	void (*note)(const struct rankferry_core *core, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
};

/* One thing that can be set: with `--monitor NAME:option=value`, or in a policy. */
struct rankferry_option {
	const char *name;
	const char *preset; /* NULL: it must be given; "": none */
	const char *help;   /* one line */
};

struct rankferry_plugin {
	size_t size;
	uint32_t abi; /* RANKFERRY_PLUGIN_ABI */
	enum rankferry_kind kind;
	const char *name, *version;
	const char *help;		       /* one line */
	const struct rankferry_option *option; /* ended by a name NULL; or NULL */
	unsigned every_ms;		       /* a monitor's preset for the option `every` */

	/* Once, first and last, each may be NULL. What open() puts into `*self` the calls get. */
	int (*open)(const struct rankferry_core *core, void **self);
	void (*close)(void *self);

	/*
	 * The one of its kind. 0, or -1 after a fail(): then nothing is known, and what was known
	 * before remains.
	 *
	 * look(): tells of all hosts that are not RANKFERRY_OK at this moment; what it told before
	 * is forgotten. `host` are those that the job could use now.
	 *
	 * place(): fills `to` with an index in move->host for each of move->ranks. It is checked: a
	 * host without room, or more ranks on it than its room, and the plan is refused.
	 */
	int (*look)(const struct rankferry_core *core, void *self,
		    const struct rankferry_host *const *host, unsigned hosts);
	int (*place)(const struct rankferry_core *core, void *self,
		     const struct rankferry_move *move, unsigned *to);
	int (*notify)(const struct rankferry_core *core, void *self,
		      const struct rankferry_event *event);
};

/* Only to link a plugin into a program. */
#ifndef RANKFERRY_PLUGIN_SYMBOL
#define RANKFERRY_PLUGIN_SYMBOL rankferry_plugin
#endif

extern const struct rankferry_plugin RANKFERRY_PLUGIN_SYMBOL;

#ifdef __cplusplus
}
#endif

#endif
