/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"

#include "mpi/dispatch.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "mpi/keeper.h"
#include "mpi/libmpi.h"
#include "mpi/names.h"
#include "mpi/redirect.h"
#include "mpi/start.h"

typedef void function(void);

function *rf_entry_first(unsigned long number) __attribute__((visibility("hidden"), used));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *tool[RF_FUNCTIONS];
static enum { UNDECIDED, FOUND, ENGINE, NATIVE } state; /* FOUND: our libmpi, but no engine yet */

/*
 * The first call of a function, reached from its stub in entry.c with the function's number pushed:
 * keeps the arguments, asks where to go on, and goes there. As _dl_runtime_resolve in glibc's
 * sysdeps/x86_64/dl-trampoline.h; MPI functions have no floating-point arguments.
 */
__asm__(".text\n"
	"	.globl rf_entry_resolve\n"
	"	.hidden rf_entry_resolve\n"
	"	.type rf_entry_resolve, @function\n"
	"rf_entry_resolve:\n"
	"	push %rax\n" /* al: number of vector registers, for MPI_Pcontrol(level, ...) */
	"	push %rdi\n"
	"	push %rsi\n"
	"	push %rdx\n"
	"	push %rcx\n"
	"	push %r8\n"
	"	push %r9\n"
	"	sub $8, %rsp\n"
	"	mov 64(%rsp), %rdi\n"
	"	call rf_entry_first\n"
	"	mov %rax, %r11\n"
	"	add $8, %rsp\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rcx\n"
	"	pop %rdx\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	pop %rax\n"
	"	add $8, %rsp\n"
	"	jmp *%r11\n"
	"	.size rf_entry_resolve, .-rf_entry_resolve\n");

static void set(function **entry, void *target)
{
	__atomic_store_n(entry, (function *)target, __ATOMIC_RELEASE);
}

static void missing(void)
{
	rf_shim_die("a function was called that the MPI in this process does not have: %s",
		    rf_libmpi_path());
}

/* As if the shim were not there. */
static void run_natively(const char *why)
{
	state = NATIVE;
	rf_redirect_undo();
	for (int i = 0; i < RF_FUNCTIONS; i++) {
		const struct rf_function_name *name = &rf_function_name[i];
		void *mpi = rf_libmpi_next(name->mpi);
		void *pmpi = name->pmpi ? rf_libmpi_next(name->pmpi) : NULL;

		set(&rf_entry_mpi[i], mpi ? mpi : (void *)missing);
		set(&rf_entry_pmpi[i], pmpi ? pmpi : (void *)missing);
	}
	if (rf_keeper_native(why))
		_exit(125);
}

/* MPI_X of a profiling tool: whatever comes after the shim and is not libmpi's own. */
static void find_tools(void)
{
	state = FOUND;
	for (int i = 0; i < RF_FUNCTIONS; i++) {
		void *next = rf_libmpi_next(rf_function_name[i].mpi);

		if (next && !rf_libmpi_has(next))
			set(&rf_entry_mpi[i], tool[i] = next);
	}
}

static void use_engine(void)
{
	int tools = 0;

	state = ENGINE;
	for (int i = 0; i < RF_FUNCTIONS; i++) {
		function *own = rf_function_name[i].implementation;

		set(&rf_entry_mpi[i], tool[i] ? tool[i] : (void *)own);
		set(&rf_entry_pmpi[i], own);
		tools |= tool[i] != NULL;
	}
	rf_gate_shortcuts(!tools, 1);
}

static void decide(int early)
{
	char why[RF_ERROR_TEXT];
	struct rf_error err;

	if (state == UNDECIDED) {
		switch (rf_libmpi_find()) {
		case RF_LIBMPI_NONE:
			if (!early)
				rf_shim_die("MPI was called in a process without libmpi");
			return;
		case RF_LIBMPI_OURS:
			find_tools();
			break;
		case RF_LIBMPI_FOREIGN:
			snprintf(why, sizeof(why),
				 "its MPI is %s, and not the one that Rankferry was built for, %s",
				 rf_libmpi_path(), RF_LIBMPI);
			run_natively(why);
			break;
		}
	}
	if (state == FOUND && !early) {
		if (rf_shim_start(&err))
			run_natively(err.text);
		else
			use_engine();
	}
}

/*
 * A function of a language binding, by the same rule: if the next definition is not that of the
 * binding's library, it is a tool's.
 */
static function *binding_first(unsigned long index)
{
	const struct rf_binding_name *name = &rf_binding_name[index];
	void *next, *target = (void *)name->implementation;

	pthread_mutex_lock(&lock);
	decide(0);
	next = rf_libmpi_next(name->name);
	if (state == NATIVE)
		target = next ? next : (void *)missing;
	else if (next && next != rf_libmpi_next(name->original))
		target = next;
	set(&rf_entry_binding[index], target);
	pthread_mutex_unlock(&lock);
	return (function *)target;
}

function *rf_entry_first(unsigned long number)
{
	if (number >= 2 * RF_FUNCTIONS)
		return binding_first(number - 2 * RF_FUNCTIONS);
	int i = (int)(number / 2), pmpi = (int)(number % 2);
	const struct rf_function_name *name = &rf_function_name[i];
	function *target;

	pthread_mutex_lock(&lock);
	decide(name->early);
	if (state == ENGINE || state == NATIVE)
		target = pmpi ? rf_entry_pmpi[i] : rf_entry_mpi[i];
	else
		target = name->implementation;
	pthread_mutex_unlock(&lock);
	return target;
}
