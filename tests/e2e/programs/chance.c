/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chance SEED STEPS MS FILE: random MPI, the same for the same seed and number of ranks. Each of
 * STEPS steps, of at least MS ms until there is a file FILE, is one of the table at the end, with
 * messages of random sizes between random ranks; some are received many steps after they were
 * sent, some non-blocking operations are completed as late. Every byte is checked, and everything
 * goes into a number of each rank, so that nothing can be lost or done twice unnoticed.
 * Rank 0 says "step N: NUMBER" after every tenth step; at the end each rank says "rank N: NUMBER".
 */
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX 60000
#define LATE	  24 /* messages under way, at most */
#define RANKS_MAX 64

static int rank, ranks, step;
static uint64_t shared; /* state of the numbers that all ranks draw alike */
static uint64_t chain;
static MPI_Comm comm, half;

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static unsigned draw(unsigned below)
{
	shared += 0x9e3779b97f4a7c15u;
	return (unsigned)(mix(shared) >> 33) % below;
}

static int draw_size(void)
{
	unsigned most = (unsigned[]){9, 200, 5000, BYTES_MAX}[draw(4)];

	return (int)draw(most);
}

static void take(uint64_t value)
{
	chain = mix(chain ^ value) + value;
}

static void wrong(const char *what, int from)
{
	fprintf(stderr, "chance: rank %d, step %d: wrong %s of %d\n", rank, step, what, from);
	MPI_Abort(MPI_COMM_WORLD, 9);
}

static void fill(unsigned char *data, int size, uint64_t key)
{
	int i;

	for (i = 0; i < size; i++)
		data[i] = (unsigned char)(mix(key + (uint64_t)i / 8) >> i % 8 * 8);
}

static void check(const unsigned char *data, int size, uint64_t key, const char *what, int from)
{
	static unsigned char wanted[BYTES_MAX];

	fill(wanted, size, key);
	if (memcmp(data, wanted, (size_t)size) != 0)
		wrong(what, from);
	take(key + (uint64_t)size);
}

static uint64_t key_of(int from, int to, int number)
{
	return mix(((uint64_t)from << 40 | (uint64_t)to << 20) + (uint64_t)number);
}

/* ---- messages ---- */

/* Known to all ranks: what is under way, and when it is received. */
struct late {
	int from, to, size, number, due; /* due 0: none */
	bool posted;
	MPI_Request request;
	unsigned char *data;
};

static struct late late[LATE];
static int number;

static void complete(struct late *m)
{
	MPI_Status status;
	int count;

	if (rank == m->from && m->from != m->to) {
		MPI_Wait(&m->request, MPI_STATUS_IGNORE);
	} else if (rank == m->to && m->from != m->to) {
		if (m->posted)
			MPI_Wait(&m->request, &status);
		else
			MPI_Recv(m->data, BYTES_MAX, MPI_BYTE,
				 m->number % 3 ? m->from : MPI_ANY_SOURCE, m->number, comm,
				 &status);
		MPI_Get_count(&status, MPI_BYTE, &count);
		if (count != m->size || status.MPI_SOURCE != m->from || status.MPI_TAG != m->number)
			wrong("message's status", m->from);
		check(m->data, count, key_of(m->from, m->to, m->number), "message", m->from);
	}
	free(m->data);
	m->data = NULL;
	m->due = 0;
}

static void send_late(void)
{
	unsigned i, wait = 1 + draw(30);
	struct late *m;

	for (i = 0; i < LATE && late[i].due; i++)
		;
	if (i == LATE)
		return;
	m = &late[i];
	*m = (struct late){.from = (int)draw((unsigned)ranks),
			   .to = (int)draw((unsigned)ranks),
			   .size = draw_size(),
			   .number = ++number % 30000,
			   .due = step + (int)wait,
			   .posted = draw(2)};
	if (m->from == m->to)
		return;
	if (rank == m->from) {
		m->data = malloc((size_t)m->size + 1);
		fill(m->data, m->size, key_of(m->from, m->to, m->number));
		MPI_Isend(m->data, m->size, MPI_BYTE, m->to, m->number, comm, &m->request);
	} else if (rank == m->to) {
		m->data = malloc(BYTES_MAX);
		if (m->posted)
			MPI_Irecv(m->data, BYTES_MAX, MPI_BYTE, m->from, m->number, comm,
				  &m->request);
	}
}

static void some_messages(void)
{
	unsigned n = 1 + draw(6);

	while (n-- > 0)
		send_late();
}

static void complete_all(void)
{
	int i;

	for (i = 0; i < LATE; i++)
		if (late[i].due)
			complete(&late[i]);
}

static void ring(void)
{
	static MPI_Request requests[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
	static uint64_t out, in;
	int left = (rank + ranks - 1) % ranks, rounds = 1 + (int)draw(5), i;

	if (requests[0] == MPI_REQUEST_NULL) {
		MPI_Send_init(&out, 1, MPI_UINT64_T, (rank + 1) % ranks, 31001, MPI_COMM_WORLD,
			      &requests[0]);
		MPI_Recv_init(&in, 1, MPI_UINT64_T, left, 31001, MPI_COMM_WORLD, &requests[1]);
	}
	for (i = 0; i < rounds; i++) {
		out = key_of(rank, step, i);
		MPI_Startall(2, requests);
		MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
		if (in != key_of(left, step, i))
			wrong("ring's number", left);
		take(in);
	}
}

/* ---- collectives ---- */

static void sum_up(void)
{
	MPI_Comm which = (MPI_Comm[]){MPI_COMM_WORLD, comm, half}[draw(3)];
	uint64_t mine = chain & 0xffffffff, sum, most;

	MPI_Allreduce(&mine, &sum, 1, MPI_UINT64_T, MPI_SUM, which);
	MPI_Allreduce(&mine, &most, 1, MPI_UINT64_T, MPI_MAX, which);
	if (most < mine || sum < most)
		wrong("sum", rank);
	take(sum);
}

static void broadcast(void)
{
	static unsigned char data[BYTES_MAX];
	int size = draw_size(), root = (int)draw((unsigned)ranks);

	if (rank == root)
		fill(data, size, key_of(root, step, 1));
	MPI_Bcast(data, size, MPI_BYTE, root, comm);
	check(data, size, key_of(root, step, 1), "broadcast", root);
}

static void exchange(void)
{
	static unsigned char out[RANKS_MAX * 800], in[RANKS_MAX * 800];
	int sizes[RANKS_MAX], from[RANKS_MAX], at[RANKS_MAX], there[RANKS_MAX], i, k, size;

	for (i = 0; i < ranks; i++)
		for (k = 0; k < ranks; k++) {
			size = (int)draw(800);
			if (i == rank)
				sizes[k] = size;
			if (k == rank)
				from[i] = size;
		}
	for (i = 0; i < ranks; i++) {
		at[i] = there[i] = i * 800;
		fill(out + at[i], sizes[i], key_of(rank, i, step));
	}
	MPI_Alltoallv(out, sizes, at, MPI_BYTE, in, from, there, MPI_BYTE, MPI_COMM_WORLD);
	for (i = 0; i < ranks; i++)
		check(in + there[i], from[i], key_of(i, rank, step), "exchange", i);
}

/* Begun here, completed some steps later. */
static struct {
	MPI_Request request;
	uint64_t mine, sum;
	int due;
} pending;

static void complete_sum(void)
{
	MPI_Wait(&pending.request, MPI_STATUS_IGNORE);
	take(pending.sum);
	pending.due = 0;
}

static void sum_later(void)
{
	int wait = 1 + (int)draw(10);

	if (pending.due)
		return;
	pending.mine = chain & 0xffffff;
	MPI_Iallreduce(&pending.mine, &pending.sum, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD,
		       &pending.request);
	pending.due = step + wait;
}

static void other_communicators(void)
{
	MPI_Comm next;
	int parts = 1 + (int)draw(3), size;

	complete_all();
	MPI_Comm_dup(comm, &next);
	MPI_Comm_free(&comm);
	comm = next;
	MPI_Comm_free(&half);
	MPI_Comm_split(MPI_COMM_WORLD, rank % parts, -rank, &half);
	MPI_Comm_size(half, &size);
	take((uint64_t)size);
}

static void compute(void)
{
	unsigned i, n = 1000 * draw(400);

	for (i = 0; i < n; i++)
		chain = mix(chain + i);
}

static void (*const kinds[])(void) = {some_messages, some_messages,	 some_messages, ring,
				      sum_up,	     broadcast,		 exchange,	sum_later,
				      compute,	     other_communicators};

int main(int argc, char **argv)
{
	int steps, ms, i;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	if (argc != 5 || ranks > RANKS_MAX)
		MPI_Abort(MPI_COMM_WORLD, 2);
	shared = mix((uint64_t)atoll(argv[1]) + 1);
	chain = mix((uint64_t)rank);
	steps = atoi(argv[2]);
	ms = atoi(argv[3]);
	MPI_Comm_dup(MPI_COMM_WORLD, &comm);
	MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
	for (step = 1; step <= steps; step++) {
		kinds[draw(sizeof(kinds) / sizeof(kinds[0]))]();
		for (i = 0; i < LATE; i++)
			if (late[i].due && late[i].due <= step)
				complete(&late[i]);
		if (pending.due && pending.due <= step)
			complete_sum();
		if (rank == 0 && step % 10 == 0) {
			printf("step %d: %016llx\n", step, (unsigned long long)chain);
			fflush(stdout);
		}
		if (access(argv[4], F_OK) != 0)
			usleep((useconds_t)ms * 1000);
	}
	complete_all();
	if (pending.due)
		complete_sum();
	/* what ranks print is passed on in pieces: not in the middle of rank 0's steps */
	MPI_Barrier(MPI_COMM_WORLD);
	usleep(200000);
	printf("rank %d: %016llx\n", rank, (unsigned long long)chain);
	MPI_Finalize();
	return 0;
}
