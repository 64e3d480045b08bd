/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * endure KIND SECONDS [FILE]: an MPI program that works so long in a way that makes it hard to
 * stop, to capture and to restart, and checks every value it sees. Rank 0 ends with "KIND: right";
 * what is wrong goes to stderr, and the job is aborted. KIND is one of the table at the end.
 *
 * A kind works in rounds; rank 0 says after each whether there is another. Time that passes while
 * no rank runs, between a snapshot and a restart, counts as well. With FILE there are rounds until
 * it exists; those of some kinds take SECONDS each.
 */
#define _GNU_SOURCE
#include <mpi.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int rank, size;
static double seconds;

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "rank %d, line %d: not %s: ", rank, __LINE__, #condition); \
			fprintf(stderr, __VA_ARGS__);                                              \
			fputc('\n', stderr);                                                       \
			MPI_Abort(MPI_COMM_WORLD, 1);                                              \
		}                                                                                  \
	} while (0)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* splitmix64 (Steele, Lea and Flood 2014) */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int below(uint64_t *state, int n)
{
	return (int)(next(state) % (uint64_t)n);
}

/* Word i of message number `number` from `from` to `to`. */
static uint64_t word(int from, int to, long number, int i)
{
	uint64_t state =
		(uint64_t)from << 48 ^ (uint64_t)to << 40 ^ (uint64_t)number << 8 ^ (uint64_t)i;

	return next(&state);
}

static void fill(uint64_t *data, int n, int from, int to, long number)
{
	for (int i = 0; i < n; i++)
		data[i] = word(from, to, number, i);
}

static void check(const uint64_t *data, int n, int from, int to, long number)
{
	for (int i = 0; i < n; i++)
		CHECK(data[i] == word(from, to, number, i), "word %d of %d of message %ld from %d",
		      i, n, number, from);
}

/* Everybody sends small messages to everybody, and takes them from whom they come. */
static void storm(long round)
{
	enum { EACH = 50, MOST = 64 };
	static uint64_t out[EACH * 64][MOST];
	MPI_Request requests[EACH * 64];
	uint64_t state = (uint64_t)round, in[MOST];
	int expected[64] = {0}, n = 0, words;
	MPI_Status status;

	for (int m = 0; m < EACH; m++) {
		for (int to = 0; to < size; to++, n++) {
			words = 1 + below(&state, MOST);
			fill(out[n], words, rank, to, round * EACH + m);
			MPI_Isend(out[n], words, MPI_UINT64_T, to, m, MPI_COMM_WORLD, &requests[n]);
		}
	}
	state = (uint64_t)round;
	for (int m = 0; m < EACH * size; m++) {
		MPI_Recv(in, MOST, MPI_UINT64_T, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
			 &status);
		MPI_Get_count(&status, MPI_UINT64_T, &words);
		CHECK(status.MPI_TAG == expected[status.MPI_SOURCE], "tag %d from %d, expected %d",
		      status.MPI_TAG, status.MPI_SOURCE, expected[status.MPI_SOURCE]);
		check(in, words, status.MPI_SOURCE, rank, round * EACH + status.MPI_TAG);
		expected[status.MPI_SOURCE]++;
	}
	MPI_Waitall(n, requests, MPI_STATUSES_IGNORE);
}

/*
 * Every second rank only sends, and the one behind it falls back by more messages than there are
 * sequence numbers in Open MPI.
 */
static void behind(long round)
{
	enum { MESSAGES = 150000, NEVER = 99 };
	double end = now() + 1;
	uint64_t value;
	int flag;

	if (rank % 2 == 0 && rank + 1 < size)
		for (long m = 0; m < MESSAGES; m++) {
			value = word(rank, rank + 1, round * MESSAGES + m, 0);
			MPI_Send(&value, 1, MPI_UINT64_T, rank + 1, 1, MPI_COMM_WORLD);
		}
	if (rank % 2 == 0)
		return;
	while (now() < end) { /* they come, and none is received */
		MPI_Iprobe(rank - 1, NEVER, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
		CHECK(!flag, "%d", flag);
	}
	for (long m = 0; m < MESSAGES; m++) {
		MPI_Recv(&value, 1, MPI_UINT64_T, rank - 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK(value == word(rank - 1, rank, round * MESSAGES + m, 0),
		      "message %ld of round %ld", m, round);
	}
}

/* Rank 0 hands out tasks to whom is idle. */
static void farm(long round)
{
	enum { TASKS = 200, STOP = 2 };
	uint64_t task[2], sum = 0, want = 0;
	MPI_Status status;

	if (rank > 0) {
		task[0] = task[1] = 0;
		for (;;) {
			MPI_Send(task, 2, MPI_UINT64_T, 0, 1, MPI_COMM_WORLD);
			MPI_Recv(task, 2, MPI_UINT64_T, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
			if (status.MPI_TAG == STOP)
				return;
			task[1] = word(9, 9, (long)task[0], 0);
		}
	}
	for (long i = 1; i <= TASKS; i++)
		want += word(9, 9, round * TASKS + i, 0);
	for (long i = 1; size > 1 && i < TASKS + size; i++) {
		MPI_Probe(MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, &status);
		MPI_Recv(task, 2, MPI_UINT64_T, status.MPI_SOURCE, 1, MPI_COMM_WORLD,
			 MPI_STATUS_IGNORE);
		if (task[0])
			sum += task[1];
		task[0] = (uint64_t)(round * TASKS + i);
		MPI_Send(task, 2, MPI_UINT64_T, status.MPI_SOURCE, i <= TASKS ? 1 : STOP,
			 MPI_COMM_WORLD);
	}
	CHECK(size == 1 || sum == want, "the sum of all tasks");
}

/* Many small collectives on many communicators that overlap, some of them made and freed each
 * round. */
static void comms(long round)
{
	enum { COMMS = 24, CALLS = 400 };
	static MPI_Comm comm[COMMS];
	uint64_t state = (uint64_t)round;

	for (int i = 0; i < COMMS; i++) {
		/* the first half stays; all ranks agree on what is made when */
		if (round && i < COMMS / 2)
			continue;
		if (round && comm[i] != MPI_COMM_NULL)
			MPI_Comm_free(&comm[i]);
		MPI_Comm_split(MPI_COMM_WORLD, (rank >> (i % 3)) % 2, i % 2 ? rank : -rank,
			       &comm[i]);
	}
	for (int call = 0; call < CALLS; call++) {
		MPI_Comm c = comm[below(&state, COMMS)];
		int members, me, kind = below(&state, 5), root;
		long value, total = 0, all[64];

		MPI_Comm_size(c, &members);
		MPI_Comm_rank(c, &me);
		root = (int)(next(&state) % 1000) % members;
		value = round * CALLS + call + me;
		switch (kind) {
		case 0:
			MPI_Allreduce(&value, &total, 1, MPI_LONG, MPI_SUM, c);
			value = (round * CALLS + call) * members +
				(long)members * (members - 1) / 2;
			CHECK(total == value, "Allreduce: %ld and not %ld", total, value);
			break;
		case 1:
			MPI_Bcast(&value, 1, MPI_LONG, root, c);
			CHECK(value == round * CALLS + call + root, "Bcast: %ld", value);
			break;
		case 2:
			MPI_Allgather(&value, 1, MPI_LONG, all, 1, MPI_LONG, c);
			for (int i = 0; i < members; i++)
				CHECK(all[i] == round * CALLS + call + i, "Allgather: %ld", all[i]);
			break;
		case 3:
			MPI_Barrier(c);
			break;
		default:
			MPI_Reduce(&value, &total, 1, MPI_LONG, MPI_MAX, root, c);
			CHECK(me != root || total == round * CALLS + call + members - 1,
			      "Reduce: %ld", total);
		}
	}
}

/* Random messages up to 256 KiB, posted and completed in an order of each rank's own. */
static void traffic(long round)
{
	enum { MESSAGES = 60, MOST = 32768 };
	struct {
		int from, to, words;
		uint64_t *data[2]; /* received, sent */
	} m[MESSAGES];
	MPI_Request requests[2 * MESSAGES];
	int what[2 * MESSAGES], n = 0, index, order[MESSAGES];
	uint64_t shared = (uint64_t)round * 7 + 1, own = shared * 64 + (uint64_t)rank;

	for (int i = 0; i < MESSAGES; i++) {
		m[i].from = below(&shared, size);
		m[i].to = below(&shared, size);
		m[i].words = 1 + (below(&shared, 3) ? below(&shared, 200) : below(&shared, MOST));
		order[i] = i;
	}
	for (int i = MESSAGES - 1; i > 0; i--) {
		int j = below(&own, i + 1), t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
	/* receives first: a synchronous send to oneself needs its receive */
	for (int k = 0; k < 2 * MESSAGES; k++) {
		int sends = k >= MESSAGES, i = order[k % MESSAGES], words = m[i].words;
		uint64_t *data;

		if (rank != (sends ? m[i].from : m[i].to))
			continue;
		data = m[i].data[sends] = malloc((size_t)words * sizeof(*data));
		CHECK(data, "memory");
		what[n] = 2 * i + sends;
		if (sends) {
			fill(data, words, rank, m[i].to, round * MESSAGES + i);
			(i % 3 ? MPI_Isend : MPI_Issend)(data, words, MPI_UINT64_T, m[i].to, i,
							 MPI_COMM_WORLD, &requests[n++]);
		} else {
			MPI_Irecv(data, words, MPI_UINT64_T, i % 5 ? m[i].from : MPI_ANY_SOURCE, i,
				  MPI_COMM_WORLD, &requests[n++]);
		}
	}
	for (int done = 0; done < n; done++) {
		int flag = 0, i, sends;

		if (done % 2) {
			MPI_Waitany(n, requests, &index, MPI_STATUS_IGNORE);
		} else {
			while (!flag)
				MPI_Testany(n, requests, &index, &flag, MPI_STATUS_IGNORE);
		}
		i = what[index] / 2;
		sends = what[index] % 2;
		if (!sends)
			check(m[i].data[0], m[i].words, m[i].from, rank, round * MESSAGES + i);
		free(m[i].data[sends]);
	}
}

/*
 * Messages are matched long before they are received, in another order: of all sizes, on
 * communicators of both kinds, beside others that are neither matched nor waited for, and receives
 * of any message that wait for none of these.
 */
static void probed(long round)
{
	enum { EACH = 5, LATE = 99, HELD = EACH * 3 * 64, MOST = 20000 };
	static MPI_Comm comm[3];
	static struct {
		MPI_Message message;
		MPI_Status status;
		MPI_Fint number;
		int c;
	} held[HELD];
	MPI_Request requests[HELD + 64], late;
	int n = 0, count = 0, last[3][64], words, peers, stop;
	static uint64_t in[MOST];
	uint64_t *out[HELD + 64], own = (uint64_t)(round * 64 + rank);
	const struct timespec pause = {0, 1000000};
	MPI_Status status;

	if (!round) {
		MPI_Comm half;

		comm[0] = MPI_COMM_WORLD;
		MPI_Comm_dup(MPI_COMM_WORLD, &comm[1]);
		MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
		MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, 1 - rank % 2, 5, &comm[2]);
		MPI_Comm_free(&half);
	}
	/* one more than is matched, and one for a receive of any message, which comes last */
	MPI_Irecv(&stop, 1, MPI_INT, MPI_ANY_SOURCE, LATE, MPI_COMM_WORLD, &late);
	for (int c = 0; c < 3; c++) {
		if (c == 2)
			MPI_Comm_remote_size(comm[c], &peers);
		else
			peers = size;
		for (int to = 0; to < peers; to++) {
			for (int m = 0; m <= EACH; m++, n++) {
				words = 1 + (m % 3 ? m : below(&own, MOST));
				out[n] = malloc((size_t)words * sizeof(**out));
				CHECK(out[n], "memory");
				fill(out[n], words, rank, c * 64 + to, round * 100 + m);
				MPI_Isend(out[n], words, MPI_UINT64_T, to, m, comm[c],
					  &requests[n]);
			}
			last[c][to] = -1;
		}
		for (int m = 0; m < EACH * peers; m++, count++) {
			int from = MPI_ANY_SOURCE, tag = m / peers, found = 0;

			if (below(&own, 2))
				for (from = 0; last[c][from] == tag;)
					from++;
			held[count].c = c;
			if (below(&own, 2))
				MPI_Mprobe(from, tag, comm[c], &held[count].message,
					   &held[count].status);
			else
				while (!found)
					MPI_Improbe(from, tag, comm[c], &found,
						    &held[count].message, &held[count].status);
			from = held[count].status.MPI_SOURCE;
			CHECK(held[count].status.MPI_TAG == tag && last[c][from] == tag - 1,
			      "tag %d from %d", held[count].status.MPI_TAG, from);
			last[c][held[count].status.MPI_SOURCE]++;
			held[count].number = MPI_Message_c2f(held[count].message);
		}
	}
	for (int i = 0; i < 5; i++)
		nanosleep(&pause, NULL);
	for (int left = count; left > 0; left--) {
		int i = below(&own, left), c = held[i].c, from = held[i].status.MPI_SOURCE;
		MPI_Message message =
			below(&own, 2) ? held[i].message : MPI_Message_f2c(held[i].number);
		MPI_Request request;
		int before;

		if (left % 2) {
			MPI_Mrecv(in, MOST, MPI_UINT64_T, &message, &status);
		} else {
			MPI_Imrecv(in, MOST, MPI_UINT64_T, &message, &request);
			MPI_Wait(&request, &status);
		}
		CHECK(message == MPI_MESSAGE_NULL, "a handle that was received");
		CHECK(status.MPI_SOURCE == from && status.MPI_TAG == held[i].status.MPI_TAG,
		      "source %d, tag %d", status.MPI_SOURCE, status.MPI_TAG);
		MPI_Get_count(&held[i].status, MPI_UINT64_T, &before);
		MPI_Get_count(&status, MPI_UINT64_T, &words);
		CHECK(words == before, "%d words, and %d when it was matched", words, before);
		if (c == 2)
			check(in, words, 2 * from + 1 - rank % 2, c * 64 + rank / 2,
			      round * 100 + status.MPI_TAG);
		else
			check(in, words, from, c * 64 + rank, round * 100 + status.MPI_TAG);
		held[i] = held[left - 1];
	}
	for (int c = 0; c < 3; c++) {
		if (c == 2)
			MPI_Comm_remote_size(comm[c], &peers);
		else
			peers = size;
		for (int m = 0; m < peers; m++) {
			MPI_Recv(in, MOST, MPI_UINT64_T, MPI_ANY_SOURCE, EACH, comm[c], &status);
			last[c][status.MPI_SOURCE]++;
			CHECK(last[c][status.MPI_SOURCE] == EACH, "the one that was left");
		}
	}
	MPI_Waitall(n, requests, MPI_STATUSES_IGNORE);
	while (n > 0)
		free(out[--n]);
	MPI_Send(&rank, 1, MPI_INT, (rank + 1) % size, LATE, MPI_COMM_WORLD);
	MPI_Wait(&late, &status);
	CHECK(stop == (rank + size - 1) % size, "%d", stop);
}

/* Threads that all call MPI, each on a communicator of its own, beside one that does not. */
enum { THREADS = 3 };
static MPI_Comm thread_comm[THREADS];
static long thread_round;

static void *talk(void *arg)
{
	int t = (int)(intptr_t)arg, left = (rank + size - 1) % size, right = (rank + 1) % size;
	uint64_t out[128], in[128];

	for (int i = 0; i < 100; i++) {
		long number = thread_round * 100 + i;

		fill(out, 128, rank, right, number);
		MPI_Sendrecv(out, 128, MPI_UINT64_T, right, t, in, 128, MPI_UINT64_T, left, t,
			     thread_comm[t], MPI_STATUS_IGNORE);
		check(in, 128, left, rank, number);
		if (i % 25 == 0)
			MPI_Barrier(thread_comm[t]);
	}
	return NULL;
}

static void threads(long round)
{
	pthread_t thread[THREADS];
	double sum = 0;

	for (int t = 0; !round && t < THREADS; t++)
		MPI_Comm_dup(MPI_COMM_WORLD, &thread_comm[t]);
	thread_round = round;
	for (int t = 0; t < THREADS; t++)
		CHECK(!pthread_create(&thread[t], NULL, talk, (void *)(intptr_t)t), "a thread");
	for (int i = 1; i < 100000; i++)
		sum += 1.0 / i;
	CHECK(sum > 12.09 && sum < 12.1, "%g", sum);
	for (int t = 0; t < THREADS; t++)
		pthread_join(thread[t], NULL);
}

/* The heap is changed all the time, by two threads, small and large, so that a capture hits inside
 * malloc. */
static void *churn(void *arg)
{
	enum { BLOCKS = 300 };
	unsigned char *block[BLOCKS] = {NULL};
	size_t length[BLOCKS] = {0};
	uint64_t state = (uint64_t)(uintptr_t)arg;

	for (int i = 0; i < 20000; i++) {
		int b = below(&state, BLOCKS);
		size_t n = 1 + (size_t)below(&state, i % 50 ? 3000 : 400000);

		for (size_t k = 0; k < length[b]; k += 509)
			CHECK(block[b][k] == (unsigned char)(b + (int)k), "byte %zu of block %d", k,
			      b);
		block[b] = i % 3 ? realloc(block[b], n) : (free(block[b]), malloc(n));
		CHECK(block[b], "memory");
		length[b] = n;
		for (size_t k = 0; k < n; k += 509)
			block[b][k] = (unsigned char)(b + (int)k);
	}
	for (int b = 0; b < BLOCKS; b++)
		free(block[b]);
	return NULL;
}

static void heap(long round)
{
	pthread_t thread;
	long one = 1, all;

	CHECK(!pthread_create(&thread, NULL, churn, (void *)(round * 2 + 1)), "a thread");
	churn((void *)(round * 2 + 2));
	pthread_join(thread, NULL);
	MPI_Allreduce(&one, &all, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
	CHECK(all == size, "%ld", all);
}

/* One rank does something without MPI for all of the time; the others wait for it, each in another
 * call. */
static void others_wait(void)
{
	int done = 7;
	MPI_Request request;

	if (rank == 1 % size) {
		for (int to = 0; to < size; to++)
			if (to != rank)
				MPI_Send(&done, 1, MPI_INT, to, 3, MPI_COMM_WORLD);
	} else if (rank % 3 == 0) {
		MPI_Recv(&done, 1, MPI_INT, MPI_ANY_SOURCE, 3, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	} else if (rank % 3 == 1) {
		MPI_Irecv(&done, 1, MPI_INT, 1 % size, 3, MPI_COMM_WORLD, &request);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
	} else {
		MPI_Probe(1 % size, 3, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		MPI_Recv(&done, 1, MPI_INT, 1 % size, 3, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	}
	CHECK(done == 7, "%d", done);
	MPI_Barrier(MPI_COMM_WORLD);
}

static void compute(long round)
{
	if (rank == 1 % size) {
		double x = 0.5, end = now() + seconds;

		(void)round;
		for (long i = 0; i % 100000 || now() < end; i++) {
			x = 3.999 * x * (1 - x);
			CHECK(x > 0 && x < 1, "%g", x);
		}
	}
	others_wait();
}

static int pipe_ends[2];

static void *feed(void *unused)
{
	double end = now() + seconds;

	while (now() < end)
		usleep(20000);
	CHECK(write(pipe_ends[1], "x", 1) == 1, "a byte");
	return unused;
}

/* Blocked in the kernel; none of these calls may fail with EINTR because Rankferry needs the
 * thread. */
static void blocked(long round)
{
	char byte = 0;
	pthread_t thread;

	(void)round;
	if (rank == 1 % size) {
		CHECK(pipe(pipe_ends) == 0 && !pthread_create(&thread, NULL, feed, NULL), "a pipe");
		CHECK(read(pipe_ends[0], &byte, 1) == 1 && byte == 'x', "read: %s",
		      strerror(errno));
		pthread_join(thread, NULL);
	}
	others_wait();
}

static void sleeping(long round)
{
	double begin = now();

	(void)round;
	if (rank == 1 % size) {
		unsigned int left = sleep((unsigned int)seconds);

		CHECK(left == 0 && now() - begin > seconds - 1.01, "sleep(%g) left %u", seconds,
		      left);
	}
	others_wait();
}

static void polling(long round)
{
	struct pollfd p = {.fd = -1};
	double begin = now();

	(void)round;
	if (rank == 1 % size)
		CHECK(poll(&p, 1, (int)(seconds * 1000)) == 0 && now() - begin > seconds - 0.01,
		      "poll: %s", strerror(errno));
	others_wait();
}

/* It sleeps a little, in a way that does not ask for what remains of it. */
static void nap(int how)
{
	const struct timespec time = {0, 30 * 1000 * 1000};
	struct pollfd none = {.fd = -1};
	double begin = now();

	if (how == 0)
		CHECK(!usleep(30 * 1000), "usleep: %s", strerror(errno));
	else if (how == 1)
		CHECK(!nanosleep(&time, NULL), "nanosleep: %s", strerror(errno));
	else
		CHECK(!poll(&none, 1, 30), "poll: %s", strerror(errno));
	CHECK(now() - begin >= 0.0299, "way %d lasted %g s", how, now() - begin);
}

/*
 * A token goes round between all but the last rank, which waits for the others in a collective
 * meanwhile. Who gets the token naps.
 */
static void naps(long round)
{
	enum { LAPS = 6 };
	int token = -1, others = size - 1, next = (rank + 1) % others;
	int before = (rank + others - 1) % others;

	for (int lap = 0; lap < LAPS && rank < others; lap++) {
		if (lap || rank)
			MPI_Recv(&token, 1, MPI_INT, before, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK(token == lap * others + rank - 1, "%d", token);
		nap((int)(round + token + 1) % 3);
		token++;
		if (lap < LAPS - 1 || next)
			MPI_Send(&token, 1, MPI_INT, next, 0, MPI_COMM_WORLD);
	}
}

static const struct {
	const char *name;
	void (*round)(long round);
	int once; /* the round itself takes all of the time */
} kinds[] = {
	{"storm", storm, 0},	 {"farm", farm, 0},	  {"comms", comms, 0},
	{"traffic", traffic, 0}, {"threads", threads, 0}, {"heap", heap, 0},
	{"compute", compute, 1}, {"blocked", blocked, 1}, {"sleeping", sleeping, 1},
	{"polling", polling, 1}, {"probed", probed, 0},	  {"behind", behind, 0},
	{"naps", naps, 0},
};

int main(int argc, char **argv)
{
	int provided, more = 1;
	size_t k = 0;
	double end;

	if (argc != 3 && argc != 4)
		return 2;
	while (k < sizeof(kinds) / sizeof(*kinds) && strcmp(kinds[k].name, argv[1]))
		k++;
	if (k == sizeof(kinds) / sizeof(*kinds))
		return 2;
	seconds = atof(argv[2]);
	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	CHECK(provided == MPI_THREAD_MULTIPLE && size <= 64, "%d", provided);
	end = now() + seconds;
	for (long round = 0; more; round++) {
		kinds[k].round(round);
		MPI_Barrier(MPI_COMM_WORLD);
		more = argv[3] ? access(argv[3], F_OK) != 0 : !kinds[k].once && now() < end;
		MPI_Bcast(&more, 1, MPI_INT, 0, MPI_COMM_WORLD);
	}
	if (rank == 0)
		printf("%s: right\n", argv[1]);
	MPI_Finalize();
	return 0;
}
