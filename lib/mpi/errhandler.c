/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every handler of the user is also a handler of the engine, whose function is one of the note_*
 * functions here. Which user's function belongs to it is known by the engine's handle, which is
 * asked for again when the error is delivered: so the engine alone knows which object has which
 * handler, and nothing has to be copied when it makes communicators.
 *
 * Outside of the engine's calls a rank may be stopped, and go on with another engine: so nothing of
 * the engine's is kept there, but in records, which are known to rf_errhandler_moved().
 *
 * MPI_Errhandler_free() does not end a handler that an object still has, and nobody says when it
 * does end. A record is therefore kept until the engine gives its handle's address to a new
 * handler.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/callback.h"
#include "mpi/convert.h"
#include "mpi/engine_table.h"
#include "mpi/errhandler.h"
#include "mpi/errhandler_user.h"
#include "mpi/lifecycle.h"
#include "mpi/names.h"
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
	void *object; /* the application's handle */
	int code;
	const char *message; /* the function's name */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct record *records;

/* this thread's, oldest first */
static __thread struct event *events __attribute__((tls_model("initial-exec")));

/* The code that an engine's function returns when it returns what the handler left. */
#define NOTED 0x52464552

/* A text that no function of ours has: kept for good, as there are few of them. */
struct text {
	struct text *next;
	char text[];
};

static const char *keep(const char *text)
{
	static struct text *texts;
	size_t size = strlen(text) + 1;
	struct text *kept;

	pthread_mutex_lock(&lock);
	for (kept = texts; kept && strcmp(kept->text, text); kept = kept->next)
		;
	if (!kept) {
		kept = malloc(sizeof(*kept) + size);
		if (!kept)
			rf_shim_die("no memory to report an MPI error");
		memcpy(kept->text, text, size);
		kept->next = texts;
		texts = kept;
	}
	pthread_mutex_unlock(&lock);
	return kept->text;
}

/* The same text, not in the engine's memory. */
static const char *own(const char *text)
{
	for (int i = 0; text && i < RF_FUNCTIONS; i++)
		if (!strcmp(rf_function_name[i].mpi, text))
			return rf_function_name[i].mpi;
	return text ? keep(text) : NULL;
}

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
	event->object = rf_handle_show(kind, real);
	event->code = *code;
	event->message = own(message);
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

/* The engine's handler of an object; owns a reference. NULL if the engine refuses. Inside it. */
static MPI_Errhandler engine_handler(enum rf_kind kind, void *real)
{
	MPI_Errhandler handler = NULL;
	int code;

	if (kind == RF_WIN)
		RF_ENGINE(code, MPI_Win_get_errhandler(real, &handler));
	else if (kind == RF_FILE)
		RF_ENGINE(code, MPI_File_get_errhandler(real, &handler));
	else
		RF_ENGINE(code, MPI_Comm_get_errhandler(real, &handler));
	return code == MPI_SUCCESS ? handler : NULL;
}

/* The user's handler that an object has now; without a function if it has none. */
static struct rf_user_handler user_handler(enum rf_kind kind, void *object)
{
	struct rf_user_handler found = {.function = NULL};
	MPI_Errhandler handler;
	int ignored;

	RF_BEGIN(RF_IN_OTHER);
	handler = engine_handler(kind, rf_real(object));
	pthread_mutex_lock(&lock);
	for (struct record *record = records; record; record = record->next)
		if (record->real == handler)
			found = record->user;
	pthread_mutex_unlock(&lock);
	if (handler)
		RF_ENGINE(ignored, MPI_Errhandler_free(&handler));
	RF_END();
	(void)ignored;
	return found;
}

/* What the user's function leaves in the code. */
static int deliver(const struct event *event)
{
	struct rf_user_handler user = user_handler(event->kind, event->object);
	void *object = event->object;
	int code = event->code;

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
	/* the object types of ompi_errhandler_invoke() in ompi/errhandler/errhandler.h */
	int type = kind == RF_WIN ? 2 : kind == RF_FILE ? 3 : 1, ignored;
	MPI_Errhandler handler;
	void *real;

	RF_BEGIN(RF_IN_OTHER);
	real = rf_real(object ? object : rf_app(ompi_mpi_comm_world));
	handler = engine_handler(kind, real);
	if (!handler)
		rf_shim_die("the engine has no error handler to raise an error with");
	RF_ENGINE(code, calls->raise(handler, real, type, code, function));
	RF_ENGINE(ignored, MPI_Errhandler_free(&handler));
	RF_END();
	(void)ignored;
	return rf_error_deliver(code);
}

void rf_error_unless_running(const char *function)
{
	if (__builtin_expect(rf_life() == RF_LIFE_RUNNING, 1))
		return;
	if (!rf_mpi.calls)
		rf_shim_die("an MPI function was called before MPI_Init or after MPI_Finalize");
	struct rf_thread *thread = rf_gate_thread();

	/* OMPI_ERR_INIT_FINALIZE in ompi/errhandler/errhandler.h */
	rf_gate_enter(thread);
	rf_mpi.calls->fatal(NULL, NULL, function);
	rf_gate_leave(thread);
}

/*
 * A handler of the engine for one of the user, or for none: then the engine says what is wrong.
 * Inside it.
 */
static int engine_create(enum rf_kind kind, int function, MPI_Errhandler *out)
{
	int code;

	if (kind == RF_WIN)
		RF_ENGINE(code, MPI_Win_create_errhandler(function ? note_win : NULL, out));
	else if (kind == RF_FILE)
		RF_ENGINE(code, MPI_File_create_errhandler(function ? note_file : NULL, out));
	else
		RF_ENGINE(code, MPI_Comm_create_errhandler(function ? note_comm : NULL, out));
	return code;
}

/* A handler of the engine for the user's, inside. Its error, if it fails, is not delivered yet. */
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
	int code;

	RF_BEGIN(RF_IN_OTHER);
	code = create(kind, user, errhandler ? &real : NULL);
	if (code == MPI_SUCCESS)
		*errhandler = rf_handle_out(RF_ERRHANDLER, real);
	RF_END();
	return code == MPI_SUCCESS ? code : rf_error_deliver(code);
}

/* By kind: the engine's handler for MPI::ERRORS_THROW_EXCEPTIONS, once C++ has said what it calls.
 */
static MPI_Errhandler throwing[RF_KINDS];

void rf_errhandler_throws(enum rf_kind kind, void (*function)(void))
{
	struct rf_user_handler user = {.language = RF_HANDLER_C, .function = function};
	MPI_Errhandler real = NULL;

	RF_BEGIN(RF_IN_OTHER);
	if (!throwing[kind] && create(kind, &user, &real) == MPI_SUCCESS)
		throwing[kind] = real;
	RF_END();
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
	struct record *record = records;
	int code;

	while (record && record->real != old)
		record = record->next;
	if (!record)
		return MPI_ERR_ARG;
	RF_BEGIN(RF_IN_OTHER);
	code = engine_create(record->kind, 1, made);
	RF_END();
	return code;
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

int rf_errhandler_is_throwing(MPI_Errhandler real)
{
	for (int kind = 0; kind < RF_KINDS; kind++)
		if (throwing[kind] == real)
			return 1;
	return 0;
}

void rf_errhandler_each_throwing(void (*each)(void *arg, MPI_Errhandler real), void *arg)
{
	for (int kind = 0; kind < RF_KINDS; kind++)
		if (throwing[kind])
			each(arg, throwing[kind]);
}
