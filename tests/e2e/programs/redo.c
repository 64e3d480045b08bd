/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that are made again from the progress hook, lib/mpi/redo.h. The engine's functions are
 * played here: the first time each one overwrites all registers, calls the hook, and must not
 * come back; the second time it checks that it was given the same arguments and returns. One
 * rank, gate in shared mode. Exits with 1 at the first difference.
 */
#include <dlfcn.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/direct.h"
#include "mpi/state.h"

#define ARGUMENTS 12
#define IN_REDO	  3

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s, line %d: not %s\n", now->name, __LINE__, #what);      \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/* What an argument is, and so what the engine has to get for it. */
enum kind { VALUE, COMM, TYPE, MESSAGE, REQUEST };

struct call {
	const char *name;
	void *function;
	int arguments;
	enum kind kind[ARGUMENTS];
	/* of the call that it becomes */
	const char *again;
	signed char same[7]; /* which of its arguments that one has */
	int same_count;
	int receives; /* where the receive's arguments are in `same`: from 0; -1: none */
};

static const struct call calls[] = {
	{"MPI_Recv",
	 MPI_Recv,
	 7,
	 {[2] = TYPE, [5] = COMM},
	 "MPI_Recv",
	 {0, 1, 2, 3, 4, 5, 6},
	 7,
	 0},
	{"MPI_Mrecv",
	 MPI_Mrecv,
	 5,
	 {[2] = TYPE, [3] = MESSAGE},
	 "MPI_Mrecv",
	 {0, 1, 2, 3, 4},
	 5,
	 -1},
	{"MPI_Probe", MPI_Probe, 4, {[2] = COMM}, "MPI_Probe", {0, 1, 2, 3}, 4, -1},
	{"MPI_Mprobe", MPI_Mprobe, 5, {[2] = COMM}, "MPI_Mprobe", {0, 1, 2, 3, 4}, 5, 3},
	{"MPI_Wait", MPI_Wait, 2, {[0] = REQUEST}, "MPI_Wait", {0, 1}, 2, -1},
	{"MPI_Waitall", MPI_Waitall, 3, {[1] = REQUEST}, "MPI_Waitall", {0, 1, 2}, 3, -1},
	{"MPI_Waitany", MPI_Waitany, 4, {[1] = REQUEST}, "MPI_Waitany", {0, 1, 2, 3}, 4, -1},
	{"MPI_Waitsome", MPI_Waitsome, 5, {[1] = REQUEST}, "MPI_Waitsome", {0, 1, 2, 3, 4}, 5, -1},
	{"MPI_Sendrecv",
	 MPI_Sendrecv,
	 12,
	 {[2] = TYPE, [7] = TYPE, [10] = COMM},
	 "MPI_Recv",
	 {5, 6, 7, 8, 9, 10, 11},
	 7,
	 0},
	{"MPI_Sendrecv_replace",
	 MPI_Sendrecv_replace,
	 9,
	 {[2] = TYPE, [7] = COMM},
	 "MPI_Recv",
	 {0, 1, 2, 5, 6, 7, 8},
	 7,
	 0},
};

static const struct rankferry_direct *direct;
static const struct rankferry_parts *parts;
static const struct call *now;
static long given[ARGUMENTS];
static int first, second, hooks, returned;
static MPI_Message message;
static MPI_Request requests[2];

/* Calls now->function with given[] and with known callee-saved registers; 1 if those were kept. */
int call_checked(void *function, const long *arguments, int *rc);
__asm__(".text\n"
	".type call_checked, @function\n"
	"call_checked:\n"
	"	push %rbp\n	push %rbx\n	push %r12\n	push %r13\n	push %r14\n	"
	"push %r15\n"
	"	push %rdx\n"
	"	mov %rdi,%rax\n	mov %rsi,%r10\n"
	"	push 88(%r10)\n	push 80(%r10)\n	push 72(%r10)\n	push 64(%r10)\n	push 56(%r10)\n"
	"	push 48(%r10)\n"
	"	mov 0(%r10),%rdi\n	mov 8(%r10),%rsi\n	mov 16(%r10),%rdx\n"
	"	mov 24(%r10),%rcx\n	mov 32(%r10),%r8\n	mov 40(%r10),%r9\n"
	"	mov $0x11,%rbx\n	mov $0x22,%r12\n	mov $0x33,%r13\n	mov "
	"$0x44,%r14\n"
	"	mov $0x55,%r15\n	mov %rsp,%rbp\n"
	"	call *%rax\n"
	"	cmp %rsp,%rbp\n	jne 1f\n	cmp $0x11,%rbx\n	jne 1f\n	cmp "
	"$0x22,%r12\n	jne 1f\n"
	"	cmp $0x33,%r13\n	jne 1f\n	cmp $0x44,%r14\n	jne 1f\n	"
	"cmp $0x55,%r15\n	jne 1f\n"
	"	mov $1,%ecx\n	jmp 2f\n"
	"1:	xor %ecx,%ecx\n"
	"2:	add $48,%rsp\n	pop %rdx\n	mov %eax,(%rdx)\n	mov %ecx,%eax\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbx\n	"
	"pop %rbp\n"
	"	ret\n");

static long wanted(int i)
{
	switch (now->kind[i]) {
	case COMM:
	case TYPE:
		return (long)direct->handle((void *)given[i]);
	default:
		return given[i];
	}
}

static int same_int(long a, long b)
{
	return (int)a == (int)b; /* the upper half of an int argument means nothing */
}

/* In the application half, on the thread that waits. */
static void in_hook(void)
{
	struct rf_state_blocked receive;
	int has;

	hooks++;
	CHECK(parts->waits() == IN_REDO);
	CHECK(parts->inside() == 0);
	CHECK(strcmp(parts->redo_function(), now->name) == 0);
	has = parts->redo_receive(&receive);
	CHECK(has == (now->receives >= 0));
	if (has && now->receives == 0) {
		CHECK((long)receive.buffer == given[now->same[0]]);
		CHECK(same_int(receive.count, given[now->same[1]]));
		CHECK((long)receive.datatype == given[now->same[2]]);
		CHECK(same_int(receive.source, given[now->same[3]]));
		CHECK(same_int(receive.tag, given[now->same[4]]));
		CHECK((long)receive.comm == given[now->same[5]]);
	} else if (has) {
		CHECK(!receive.buffer && same_int(receive.source, given[0]));
		CHECK(same_int(receive.tag, given[1]) && (long)receive.comm == given[2]);
	}
	if (hooks == 1)
		return; /* first it only looks */
	parts->redo();
}

static int engine_second(long a, long b, long c, long d, long e, long f, long g)
{
	long got[] = {a, b, c, d, e, f, g};

	second++;
	CHECK(parts->inside() == IN_REDO);
	for (int i = 0; i < now->same_count; i++) {
		int from = now->same[i];

		if (now->kind[from] == REQUEST || now->kind[from] == MESSAGE)
			CHECK(got[i]); /* a copy, maybe */
		else if (now->kind[from] == VALUE && given[from] < 1 << 20)
			CHECK(same_int(got[i], given[from]));
		else
			CHECK(got[i] == wanted(from));
	}
	return MPI_SUCCESS;
}

static int engine_first(long a, long b, long c, long d, long e, long f, long g, long h, long i,
			long j, long k, long l)
{
	long got[] = {a, b, c, d, e, f, g, h, i, j, k, l};

	first++;
	for (int n = 0; n < now->arguments; n++)
		CHECK(now->kind[n] == REQUEST || now->kind[n] == MESSAGE ? got[n] != 0
		      : now->kind[n] == VALUE && given[n] < 1 << 20 ? same_int(got[n], given[n])
								    : got[n] == wanted(n));
	*parts->function(now->again) = (void *)engine_second;
	__asm__ volatile("mov $-1,%%rbx\n\tmov $-1,%%r12\n\tmov $-1,%%r13\n\tmov $-1,%%r14\n\t"
			 "mov $-1,%%r15\n\t"
			 :
			 :
			 : "rbx", "r12", "r13", "r14", "r15");
	parts->hook();
	parts->hook();
	returned++;
	return MPI_SUCCESS;
}

static void test(const struct call *call)
{
	static char somewhere[ARGUMENTS][64];
	void **place, **again, *kept, *kept_again;
	int rc = -1, saved;

	now = call;
	first = second = hooks = returned = 0;
	place = parts->function(call->name);
	again = parts->function(call->again);
	CHECK(place && again);
	kept = *place;
	kept_again = *again;
	for (int i = 0; i < ARGUMENTS; i++) {
		given[i] = 100 + i;
		if (call->kind[i] == COMM)
			given[i] = (long)MPI_COMM_WORLD;
		else if (call->kind[i] == TYPE)
			given[i] = (long)MPI_INT;
		else if (call->kind[i] == MESSAGE)
			given[i] = (long)&message;
		else if (call->kind[i] == REQUEST)
			given[i] = (long)requests;
	}
	message = MPI_MESSAGE_NO_PROC;
	requests[0] = requests[1] = MPI_REQUEST_NULL;
	/* counts of arrays, and what the wrappers write through */
	if (call->kind[1] == REQUEST)
		given[0] = 2;
	if (!strcmp(call->name, "MPI_Mprobe"))
		given[3] = (long)&somewhere[3];
	*place = (void *)engine_first;
	saved = call_checked(call->function, given, &rc);
	*place = kept;
	*again = kept_again;
	CHECK(saved == 1);
	CHECK(rc == MPI_SUCCESS);
	CHECK(first == 1 && second == 1 && hooks == 2 && returned == 0);
	CHECK(parts->inside() == 0 && parts->waits() == 0);
	CHECK(message == MPI_MESSAGE_NO_PROC);
	CHECK(requests[0] == MPI_REQUEST_NULL && requests[1] == MPI_REQUEST_NULL);
}

/* The gate's interrupt: once for each call, not for calls that it makes. */
static int interrupted;

static void interruption(void)
{
	int rank;

	interrupted++;
	if (parts->inside() != 0)
		exit(1);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Barrier(MPI_COMM_SELF);
}

static void test_interrupt(void)
{
	static const struct call here = {.name = "interrupt"};
	int size = 0, rank = -1;

	now = &here;
	parts->interrupt(interruption);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	CHECK(interrupted == 1 && size == 1);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	CHECK(interrupted == 2 && rank == 0);
	parts->interrupt_end();
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Barrier(MPI_COMM_WORLD);
	CHECK(interrupted == 2);
}

int main(int argc, char **argv)
{
	const struct rankferry_direct *(*find)(void);

	MPI_Init(&argc, &argv);
	*(void **)&find = dlsym(RTLD_DEFAULT, "rankferry_direct");
	if (!find) {
		fprintf(stderr, "redo: works only under Rankferry\n");
		return 1;
	}
	direct = find();
	parts = direct->parts;
	parts->reach_start(in_hook);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		test(&calls[i]);
	parts->reach_stop();
	test_interrupt();
	MPI_Finalize();
	printf("all %zu\n", sizeof(calls) / sizeof(*calls));
	return 0;
}
