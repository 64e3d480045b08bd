/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/quiesce_switch.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "image/image.h"
#include "mpi/state.h"
#include "mpi/switch.h"

/* An engine may look at its environment as long as it lives: it stays mapped as long. */
struct loan {
	size_t bytes; /* of the mapping */
	char *variables[];
};

static struct {
	struct loan *loan, *before; /* of the new engine, and of the one before */
	int files[3];		    /* -1: none */
	int open;
} change = {.files = {-1, -1, -1}};

static void give_back(struct loan **loan)
{
	if (*loan)
		munmap(*loan, (*loan)->bytes);
	*loan = NULL;
}

static void close_files(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (change.files[i] >= 0)
			close(change.files[i]);
		change.files[i] = -1;
	}
}

/* The block as environ: pointers, then a copy of the texts. */
static struct loan *borrow(const char *block, size_t size, struct rf_error *err)
{
	size_t count = 0, bytes, at, i;
	struct loan *loan;
	char *texts;

	if (!size || block[size - 1]) {
		rf_error_set(err, EPROTO, "an order to change engines has no environment");
		return NULL;
	}
	for (at = 0; at < size; at++)
		count += !block[at];
	bytes = sizeof(*loan) + (count + 1) * sizeof(char *) + size;
	loan = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (loan == MAP_FAILED) {
		rf_error_errno(err, "no memory for another engine's environment");
		return NULL;
	}
	loan->bytes = bytes;
	texts = (char *)&loan->variables[count + 1];
	memcpy(texts, block, size);
	for (i = 0; i < count; i++, texts += strlen(texts) + 1)
		loan->variables[i] = texts;
	return loan;
}

int rf_quiesce_switch(const char *block, size_t size, const int files[3], struct rf_error *err)
{
	struct loan *loan = NULL;
	int i;

	if (change.open) {
		for (i = 0; i < 3; i++)
			close(files[i]);
		return rf_error_set(err, EBUSY, "the last change of engines has not ended");
	}
	memcpy(change.files, files, sizeof(change.files));
	loan = borrow(block, size, err);
	if (!loan || rf_state_save(err) || rf_switch(loan->variables, err)) {
		give_back(&loan);
		close_files();
		return -1;
	}
	change.before = change.loan;
	change.loan = loan;
	change.open = 1;
	return 0;
}

int rf_quiesce_switch_finish(struct rf_error *err)
{
	int rc = rf_switch_finish(err);

	if (!change.open)
		return rc;
	change.open = 0;
	if (rf_image_exchange(change.files, err))
		rc = -1;
	close_files();
	give_back(&change.before);
	return rc;
}

int rf_quiesce_switch_undo(struct rf_error *err)
{
	int rc;

	if (!change.open)
		return 0;
	change.open = 0;
	rc = rf_switch_undo(err);
	close_files();
	give_back(&change.loan);
	change.loan = change.before;
	change.before = NULL;
	return rc;
}

/*
 * Nothing of the application may run any more here, no handler and no destructor, and nothing that
 * it has buffered may be written: all of that goes on elsewhere.
 */
_Noreturn void rf_quiesce_leave(void)
{
	struct rf_error err;
	int rc = rf_switch_leave(&err);

	for (;;)
		syscall(SYS_exit_group, rc ? 1 : 0);
}
