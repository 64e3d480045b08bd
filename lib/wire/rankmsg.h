/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is said on a keeper's Unix socket, by slots and by the shim in a rank: fixed-size datagrams
 * on a SOCK_SEQPACKET socket, so that a message arrives whole or not at all. Needs only libc: slots
 * are tiny, and the shim lives in somebody else's program. Both ends are of one build.
 *
 * Functions return 0 or -1 with errno, never raise SIGPIPE, and never wait longer than they say.
 */
#ifndef RF_WIRE_RANKMSG_H
#define RF_WIRE_RANKMSG_H

#include <stdint.h>
#include <sys/types.h>

#define RF_RANKMSG_VERSION 3
#define RF_RANKMSG_TEXT	   1000 /* bytes, including the final zero; longer texts are cut */
#define RF_RANKMSG_FDS	   253	/* the kernel's limit for one message, SCM_MAX_FD */
#define RF_RANKMSG_WAIT_MS 5000 /* for a keeper that does not read */

enum rf_rankmsg_kind {
	/*
	 * slot to keeper, first: start my rank. fds: a memfd with the identity (identity.h in
	 * launcher/), the working directory, then what the identity lists. text: why the program
	 * can not be moved, or empty.
	 */
	RF_RANKMSG_SLOT = 1,
	RF_RANKMSG_SIGNAL, /* slot to keeper: value is a signal for the rank's process group */
	RF_RANKMSG_NATIVE, /* shim to keeper: the rank runs natively; text says why */
	RF_RANKMSG_ENDED,  /* keeper to slot: value is the status that waitpid() gave */
	RF_RANKMSG_NOEXEC, /* keeper to slot: value is the errno of execve() */
	RF_RANKMSG_FAILED, /* keeper to slot: text is to be printed if not empty; value is the code
			      to exit with */
	/*
	 * shim to keeper, when MPI_Init is done: the connection stays open as the rank's link,
	 * until MPI_Finalize or its end. Taken only from a process of the rank's process group.
	 * value: its pid; text: why it can not be captured, or empty.
	 */
	RF_RANKMSG_JOIN,
	RF_RANKMSG_ORDER, /* keeper to shim: id, step (step.h), and a body as fd 0 if it has one */
	/*
	 * shim to keeper: id, step, error and text, value (enum rf_where), and a body likewise.
	 * With CAPTURE the fd is no body: who writes the image writes one struct rf_error to it
	 * when the file is complete (code 0) or has failed, and the keeper reports WRITTEN, also
	 * when it is closed before. Without an fd the file is complete.
	 */
	RF_RANKMSG_REPORT,
};

struct rf_rankmsg {
	uint32_t magic;
	uint16_t version;
	uint16_t kind;
	int32_t rank; /* in MPI_COMM_WORLD, or -1 */
	int32_t value;
	uint32_t id;   /* of a quiesce, from 1; 0 in other messages */
	uint32_t step; /* enum rf_step; 0 in other messages */
	uint32_t seq;  /* ORDER: counts those on this link, from 1; REPORT: of the last that was
			  read */
	int32_t error; /* an errno, or -1 where none fits: text says what failed; 0: all is well */
	char text[RF_RANKMSG_TEXT];
};

/* `text` may be NULL. */
void rf_rankmsg_init(struct rf_rankmsg *message, enum rf_rankmsg_kind kind, int rank, int value,
		     const char *text);

/* Connects to the keeper at `path`, and checks that it has our uid (else EPERM). Close-on-exec. */
int rf_rankmsg_connect(const char *path);

int rf_rankmsg_send(int fd, const struct rf_rankmsg *message, const int *fds, int nfds);

/*
 * Waits for a message unless `fd` is non-blocking (EAGAIN). Returns 1, 0 at the end of the
 * connection, or -1 (EPROTO: not a message). Received fds (close-on-exec) are stored in
 * fds[RF_RANKMSG_FDS] and counted in `*nfds`; with fds NULL they are closed.
 */
int rf_rankmsg_receive(int fd, struct rf_rankmsg *message, int *fds, int *nfds);

/* For the shim: connects to `path` ($RANKFERRY_KEEPER), says one thing, and closes. */
int rf_rankmsg_tell(const char *path, enum rf_rankmsg_kind kind, int rank, const char *text);

#endif
