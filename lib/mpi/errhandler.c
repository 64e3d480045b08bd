/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every handler of the user is also a handler of the engine, whose function is one of the note_*
 * functions here. Which user's function belongs to it is known by the engine's handle, which is
 * asked for again when the error is delivered: so the engine alone knows which object has which
 * handler, and nothing has to be copied when it makes communicators.
 *
 * MPI_Errhandler_free() does not end a handler that an object still has, and nobody says when it
 * does end. A record is therefore kept until the engine gives its handle's address to a new
 * handler.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>

#include "mpi/callback.h"
#include "mpi/convert.h"
#include "mpi/errhandler.h"
#include "mpi/errhandler_user.h"
#include "mpi/lifecycle.h"
#include "mpi/shim.h"
#include "mpi/start.h"

struct record {
	struct record *next;
	void *real; /* the engine's handler */
	enum rf_kind kind;
	struct rf_user_handler user;
};

struct event { /* an error that the engine has raised, until its call returns */
	struct event *next;
	enum rf_kind kind;
	void *real; /* the engine's object */
	int code;
	const char *message; /* a constant of the engine's libmpi: the function's name */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct record *records;

/* this thread's, oldest first */
static __thread struct event *events __attribute__((tls_model("initial-exec")));

/* The code that an engine's function returns when it returns what the handler left. */
#define NOTED 0x52464552

/* Runs inside the engine. Noting is all that may be done there: the engine's frames are below. */
static void note(enum rf_kind kind, void *real, int *code, const char *message)
{
	struct rf_callback callback;

	rf_callback_begin(&callback, "an MPI error was raised by a thread of the engine");
	struct event **link = &events, *event = calloc(1, sizeof *event);

	if (!event)
		rf_shim_die("no memory to report an MPI error");
	while (*link)
		link = &(*link)->next;
	event->kind = kind;
	event->real = real;
	event->code = *code;
	event->message = message;
	*link = event;
	*code = NOTED;
	rf_gate_callback_end(&callback);
}

#define NOTE(name, KIND, Type)                                                                     \
	static void name(Type *object, int *code, ...)                                             \
	{                                                                                          \
		va_list arguments;                                                                 \
                                                                                                   \
		va_start(arguments, code);                                                         \
		note(KIND, *object, code, va_arg(arguments, const char *));                        \
		va_end(arguments);                                                                 \
	}

NOTE(note_comm, RF_COMM, MPI_Comm)
NOTE(note_win, RF_WIN, MPI_Win)
NOTE(note_file, RF_FILE, MPI_File)

/* The engine's handler of an object; owns a reference. NULL if the engine refuses. */
static MPI_Errhandler engine_handler(enum rf_kind kind, void *real)
{
	MPI_Errhandler handler = NULL;
	int code;

	if (kind == RF_WIN)
		RF_CALL(code, MPI_Win_get_errhandler(real, &handler));
	else if (kind == RF_FILE)
		RF_CALL(code, MPI_File_get_errhandler(real, &handler));
	else
		RF_CALL(code, MPI_Comm_get_errhandler(real, &handler));
	return code == MPI_SUCCESS ? handler : NULL;
}

static struct rf_user_handler user_handler(void *real)
{
	struct rf_user_handler found = {.function = NULL};

	pthread_mutex_lock(&lock);
	for (struct record *record = records; record; record = record->next)
		if (record->real == real)
			found = record->user;
	pthread_mutex_unlock(&lock);
	return found;
}

/* What the user's function leaves in the code. */
static int deliver(const struct event *event)
{
	MPI_Errhandler handler = engine_handler(event->kind, event->real);
	struct rf_user_handler user = user_handler(handler);
	void *object = rf_handle_show(event->kind, event->real);
	int code = event->code, ignored;

	if (handler)
		RF_CALL(ignored, MPI_Errhandler_free(&handler));
	if (!user.function) /* replaced meanwhile by one of the predefined ones */
		return code;
	switch (user.language) {
	case RF_HANDLER_C:
		((rf_handler_c *)user.function)(&object, &code, event->message, NULL);
		break;
	case RF_HANDLER_CXX:
		user.dispatch(&object, &code, event->message, user.function);
		break;
	case RF_HANDLER_FORTRAN: {
		MPI_Fint index = rf_convert_index(event->kind, object), fcode = code;

		((rf_handler_fortran *)user.function)(&index, &fcode);
		code = fcode;
	}
	}
	(void)ignored;
	return code;
}

int rf_error_deliver(int code)
{
	int left = code;

	while (events) {
		struct event event = *events; /* taken off first: the user may throw or longjmp */

		free(events);
		events = event.next;
		left = deliver(&event);
	}
	return code == NOTED ? left : code;
}

int rf_error_raise(enum rf_kind kind, void *object, int code, const char *function)
{
	/* ompi/errhandler/errhandler.h: ompi_errhandler_invoke() and its object types */
	int (*invoke)(MPI_Errhandler, void *, int, int, const char *) =
		rf_engine_symbol(rf_engine_current(), "ompi_errhandler_invoke");
	int type = kind == RF_WIN ? 2 : kind == RF_FILE ? 3 : 1;
	void *real = object ? rf_real(object) : rf_mpi.object[RF_OBJECT_ompi_mpi_comm_world];
	MPI_Errhandler handler = engine_handler(kind, real);

	if (!invoke || !handler)
		rf_shim_die("the engine has no error handler to raise an error with");
	struct rf_thread *thread = rf_gate_thread();

	rf_gate_enter(thread);
	code = invoke(handler, real, type, code, function);
	rf_mpi.MPI_Errhandler_free(&handler);
	rf_gate_leave(thread);
	return rf_error_deliver(code);
}

void rf_error_unless_running(const char *function)
{
	if (__builtin_expect(rf_life() == RF_LIFE_RUNNING, 1))
		return;
	/* OMPI_ERR_INIT_FINALIZE in ompi/errhandler/errhandler.h */
	void (*fatal)(MPI_Comm *, int *, const char *, ...) =
		rf_engine_symbol(rf_engine_current(), "ompi_mpi_errors_are_fatal_comm_handler");
	struct rf_thread *thread = rf_gate_thread();

	if (!fatal)
		rf_shim_die("an MPI function was called before MPI_Init or after MPI_Finalize");
	rf_gate_enter(thread);
	fatal(NULL, NULL, function);
	rf_gate_leave(thread);
}

/* A handler of the engine for one of the user, or for none: then the engine says what is wrong. */
static int engine_create(enum rf_kind kind, int function, MPI_Errhandler *out)
{
	int code;

	if (kind == RF_WIN)
		RF_CALL(code, MPI_Win_create_errhandler(function ? note_win : NULL, out));
	else if (kind == RF_FILE)
		RF_CALL(code, MPI_File_create_errhandler(function ? note_file : NULL, out));
	else
		RF_CALL(code, MPI_Comm_create_errhandler(function ? note_comm : NULL, out));
	return code;
}

/* A handler of the engine for the user's. Its error, if it fails, is not delivered yet. */
static int create(enum rf_kind kind, const struct rf_user_handler *user, MPI_Errhandler *out)
{
	struct record *record = calloc(1, sizeof *record);
	int code;

	if (!record)
		rf_shim_die("no memory for an error handler");
	code = engine_create(kind, user->function != NULL, out);
	if (code != MPI_SUCCESS) {
		free(record);
		return code;
	}
	record->real = *out;
	record->kind = kind;
	record->user = *user;
	pthread_mutex_lock(&lock);
	for (struct record **link = &records; *link; link = &(*link)->next) {
		struct record *dead = *link;

		if (dead->real != record->real)
			continue;
		*link = dead->next;
		free(dead);
		break;
	}
	record->next = records;
	records = record;
	pthread_mutex_unlock(&lock);
	return MPI_SUCCESS;
}

int rf_errhandler_create(enum rf_kind kind, const struct rf_user_handler *user,
			 MPI_Errhandler *errhandler)
{
	MPI_Errhandler real = NULL;
	int code = create(kind, user, errhandler ? &real : NULL);

	if (code != MPI_SUCCESS)
		return rf_error_deliver(code);
	*errhandler = rf_handle_out(RF_ERRHANDLER, real);
	return MPI_SUCCESS;
}

/* By kind: the engine's handler for MPI::ERRORS_THROW_EXCEPTIONS, once C++ has said what it calls.
 */
static MPI_Errhandler throwing[RF_KINDS];

void rf_errhandler_throws(enum rf_kind kind, void (*function)(void))
{
	struct rf_user_handler user = {.language = RF_HANDLER_C, .function = function};
	MPI_Errhandler real = NULL;

	if (!throwing[kind] && create(kind, &user, &real) == MPI_SUCCESS)
		throwing[kind] = real;
}

MPI_Errhandler rf_errhandler_in(enum rf_kind kind, MPI_Errhandler errhandler)
{
	if (throwing[kind] && errhandler == rf_app(ompi_mpi_errors_throw_exceptions))
		return throwing[kind];
	return rf_real(errhandler);
}

MPI_Errhandler rf_errhandler_out(MPI_Errhandler real)
{
	for (int kind = 0; real && kind < RF_KINDS; kind++)
		if (real == throwing[kind])
			return rf_app(ompi_mpi_errors_throw_exceptions);
	return rf_handle_out(RF_ERRHANDLER, real);
}

int rf_errhandler_again(MPI_Errhandler old, MPI_Errhandler *made)
{
	for (struct record *record = records; record; record = record->next)
		if (record->real == old)
			return engine_create(record->kind, 1, made);
	return MPI_ERR_ARG;
}

void rf_errhandler_moved(MPI_Errhandler from, MPI_Errhandler to)
{
	for (struct record *record = records; record; record = record->next)
		if (record->real == from) {
			record->real = to;
			break;
		}
	for (int kind = 0; kind < RF_KINDS; kind++)
		if (throwing[kind] == from)
			throwing[kind] = to;
}

void rf_errhandler_each_throwing(void (*each)(void *arg, MPI_Errhandler real), void *arg)
{
	for (int kind = 0; kind < RF_KINDS; kind++)
		if (throwing[kind])
			each(arg, throwing[kind]);
}
