/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs that are hard to bring to a safe point: hurt MODE [ROUNDS]. Each prints one line, "MODE
 * HASH", that depends on everything that was received, and on nothing else.
 */
#include <errno.h>
#include <mpi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int me, n, rounds;
static uint64_t hash = 14695981039346656037u;

static void add(uint64_t value)
{
	hash = (hash ^ value) * 1099511628211u;
}

static void check(int ok, const char *what)
{
	if (ok)
		return;
	printf("rank %d: not so: %s\n", me, what);
	fflush(stdout);
	MPI_Abort(MPI_COMM_WORLD, 3);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static unsigned next(unsigned *seed)
{
	return (unsigned)rand_r(seed);
}

/* Minutes without MPI, as far as a quiesce is concerned. */
static void compute(void)
{
	for (int r = 0; r < rounds; r++) {
		volatile uint64_t x = (uint64_t)(me + r);

		for (long i = 0; i < 20000000; i++)
			x = x * 6364136223846793005u + 1442695040888963407u;
		add(x);
		MPI_Allreduce(MPI_IN_PLACE, &hash, 1, MPI_UINT64_T, MPI_BXOR, MPI_COMM_WORLD);
	}
}

/* All but one wait in a receive for long. */
static void blocked(void)
{
	for (int r = 0; r < rounds; r++) {
		int root = r % n, value = r * 7;
		MPI_Status status;
		MPI_Request request;
		MPI_Message message;

		if (me == root) {
			usleep(30000);
			for (int i = 0; i < n; i++)
				if (i != root)
					MPI_Send(&value, 1, MPI_INT, i, r % 5, MPI_COMM_WORLD);
			continue;
		}
		value = -1;
		switch ((r + me) % 5) {
		case 0:
			MPI_Recv(&value, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
				 &status);
			break;
		case 1:
			MPI_Probe(root, r % 5, MPI_COMM_WORLD, &status);
			MPI_Recv(&value, 1, MPI_INT, root, r % 5, MPI_COMM_WORLD, &status);
			break;
		case 2:
			MPI_Irecv(&value, 1, MPI_INT, root, r % 5, MPI_COMM_WORLD, &request);
			MPI_Wait(&request, &status);
			break;
		case 3:
			MPI_Mprobe(MPI_ANY_SOURCE, r % 5, MPI_COMM_WORLD, &message, &status);
			MPI_Mrecv(&value, 1, MPI_INT, &message, &status);
			break;
		default: {
			int flag = 0;

			MPI_Irecv(&value, 1, MPI_INT, root, MPI_ANY_TAG, MPI_COMM_WORLD, &request);
			while (!flag)
				MPI_Test(&request, &flag, &status);
		}
		}
		check(value == r * 7, "a message's value");
		add((uint64_t)value + (uint64_t)status.MPI_TAG * 100 + (uint64_t)status.MPI_SOURCE);
	}
}

static void *write_later(void *fd)
{
	usleep(100000);
	check(write(*(int *)fd, "y", 1) == 1, "write()");
	return NULL;
}

/* Waits in system calls must not be seen to end early, nor to fail. */
static void sleeping(void)
{
	pthread_t writer;
	int fds[2];

	check(!pipe(fds), "pipe()");
	for (int r = 0; r < rounds; r++) {
		const double want[] = {1, 0.2, 0.2, 0.2, 0.1};
		struct timespec t = {0, 200000000};
		struct pollfd p = {fds[0], POLLIN, 0};
		double begin = now();
		char byte = 'x';

		switch (r % 5) {
		case 0:
			check(sleep(1) == 0, "sleep() to its end");
			break;
		case 1:
			check(!nanosleep(&t, NULL), "nanosleep() to its end");
			break;
		case 2:
			check(poll(&p, 1, 200) == 0, "poll() to its end");
			break;
		case 3:
			check(!clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL), "clock_nanosleep()");
			break;
		default:
			pthread_create(&writer, NULL, write_later, &fds[1]);
			check(read(fds[0], &byte, 1) == 1 && byte == 'y', "read()");
			pthread_join(writer, NULL);
		}
		check(now() - begin > want[r % 5] - 0.02, "a wait of its full length");
		add((uint64_t)r);
	}
	MPI_Barrier(MPI_COMM_WORLD);
}

/* Small collectives, one after another, over communicators that overlap. */
static void dense(void)
{
	MPI_Comm comm[12];
	unsigned seed = 4711;
	int i;

	for (i = 0; i < 12; i++) {
		int color = i < 4 ? (me >> i % 2) & 1 : i < 8 ? me % (i - 2) == 0 : 0;

		MPI_Comm_split(MPI_COMM_WORLD, color, i % 2 ? -me : me, &comm[i]);
	}
	for (int r = 0; r < rounds; r++) {
		int k = (int)(next(&seed) % 12), kind = (int)(next(&seed) % 5), size;
		uint64_t in = hash + (uint64_t)r, out[64] = {0};

		MPI_Comm_size(comm[k], &size);
		switch (kind) {
		case 0:
			MPI_Barrier(comm[k]);
			break;
		case 1:
			MPI_Allreduce(&in, out, 1, MPI_UINT64_T, MPI_SUM, comm[k]);
			break;
		case 2:
			out[0] = in;
			MPI_Bcast(out, 1, MPI_UINT64_T, r % size, comm[k]);
			break;
		case 3:
			MPI_Allgather(&in, 1, MPI_UINT64_T, out, 1, MPI_UINT64_T, comm[k]);
			break;
		default:
			MPI_Reduce(&in, out, 1, MPI_UINT64_T, MPI_SUM, r % size, comm[k]);
		}
		for (i = 0; i < size; i++)
			add(out[i]);
	}
	for (i = 0; i < 12; i++)
		MPI_Comm_free(&comm[i]);
}

/* Communicators come and go. */
static void churn(void)
{
	MPI_Group world;

	MPI_Comm_group(MPI_COMM_WORLD, &world);
	for (int r = 0; r < rounds; r++) {
		uint64_t in = hash + (uint64_t)me, out = 0;
		MPI_Comm comm, other, inter;
		MPI_Request request;
		MPI_Group group;
		int half[] = {0, n / 2 - 1, 1}, rest[] = {n / 2, n - 1, 1}, low = me < n / 2;

		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
		MPI_Allreduce(&in, &out, 1, MPI_UINT64_T, MPI_BXOR, comm);
		add(out);
		MPI_Group_range_incl(world, 1, low ? &half : &rest, &group);
		if (r % 3 == 0) {
			MPI_Comm_create_group(MPI_COMM_WORLD, group, r, &other);
		} else if (r % 3 == 1) {
			MPI_Comm_split(comm, low, me, &other);
		} else {
			MPI_Comm_create(comm, group, &other);
		}
		MPI_Group_free(&group);
		MPI_Bcast(&out, 1, MPI_UINT64_T, 0, other);
		if (r % 4 == 0) {
			MPI_Intercomm_create(other, 0, comm, low ? n / 2 : 0, 5, &inter);
			MPI_Comm_free(&other);
			MPI_Allreduce(&in, &out, 1, MPI_UINT64_T, MPI_SUM, inter);
			add(out);
			MPI_Intercomm_merge(inter, !low, &other);
			MPI_Comm_free(&inter);
		}
		if (r % 5 == 0) {
			MPI_Comm dup;

			MPI_Comm_idup(other, &dup, &request);
			MPI_Wait(&request, MPI_STATUS_IGNORE);
			MPI_Barrier(dup);
			MPI_Comm_free(&dup);
		}
		MPI_Comm_free(&comm);
		MPI_Allreduce(&in, &out, 1, MPI_UINT64_T, MPI_SUM, other);
		add(out);
		MPI_Comm_free(&other);
	}
	MPI_Group_free(&world);
}

/* Several non-blocking collectives are always under way. */
static void icoll(void)
{
	enum { DEEP = 6 };
	static uint64_t in[DEEP][100], out[DEEP][6400];
	MPI_Request request[DEEP];
	MPI_Comm comm;

	MPI_Comm_dup(MPI_COMM_WORLD, &comm);
	for (int i = 0; i < DEEP; i++)
		request[i] = MPI_REQUEST_NULL;
	for (int r = 0; r < rounds; r++) {
		int i = r % DEEP;
		MPI_Comm on = r % 3 ? comm : MPI_COMM_WORLD;

		MPI_Wait(&request[i], MPI_STATUS_IGNORE);
		for (int k = 0; k < 100; k++)
			add(out[i][k]);
		for (int k = 0; k < 100; k++)
			in[i][k] = (uint64_t)(r * k + me);
		switch (r % 4) {
		case 0:
			MPI_Iallreduce(in[i], out[i], 100, MPI_UINT64_T, MPI_SUM, on, &request[i]);
			break;
		case 1:
			MPI_Ibarrier(on, &request[i]);
			break;
		case 2:
			MPI_Iallgather(in[i], 100, MPI_UINT64_T, out[i], 100, MPI_UINT64_T, on,
				       &request[i]);
			break;
		default:
			MPI_Ibcast(out[i], 100, MPI_UINT64_T, r % n, on, &request[i]);
		}
		if (r % 50 == me)
			usleep(1000);
	}
	MPI_Waitall(DEEP, request, MPI_STATUSES_IGNORE);
	MPI_Comm_free(&comm);
}

/* One hands out work and takes what comes, in any order. */
static void master(void)
{
	static int data[5000];
	uint64_t sum = 0;
	int left = n - 1, sent = 0;
	MPI_Status status;

	if (me == 0) {
		while (left) {
			int count, flag = 0, job = sent < rounds ? ++sent : 0;

			if (job % 2)
				MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
			else
				while (!flag)
					MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
						   &flag, &status);
			MPI_Get_count(&status, MPI_INT, &count);
			MPI_Recv(data, count, MPI_INT, status.MPI_SOURCE, status.MPI_TAG,
				 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			for (int i = 0; i < count; i++) {
				check(data[i] == data[0] * (i + 1), "what a worker sent");
				sum += (uint64_t)data[i];
			}
			MPI_Send(&job, 1, MPI_INT, status.MPI_SOURCE, 9, MPI_COMM_WORLD);
			left -= !job;
		}
		add(sum);
		return;
	}
	for (int job = 0, first = 1;; first = 0) {
		int count = first ? 0 : 1 + job * 37 % 4999;

		for (int i = 0; i < count; i++)
			data[i] = job * (i + 1);
		MPI_Send(data, count, MPI_INT, 0, job % 8, MPI_COMM_WORLD);
		MPI_Recv(&job, 1, MPI_INT, 0, 9, MPI_COMM_WORLD, &status);
		if (!job)
			break;
	}
	hash = 0; /* who did what is not the same in two runs */
}

/* Everybody calls MPI from several threads, each on a communicator of its own. */
static MPI_Comm own[4];

static void *thread(void *arg)
{
	int t = (int)(intptr_t)arg, rank;
	uint64_t sum = (uint64_t)t;

	MPI_Comm_rank(own[t], &rank);
	for (int r = 0; r < rounds; r++) {
		uint64_t in = sum + (uint64_t)r, out = 0;

		if (r % 3) {
			MPI_Sendrecv(&in, 1, MPI_UINT64_T, (rank + 1) % n, t, &out, 1, MPI_UINT64_T,
				     (rank + n - 1) % n, t, own[t], MPI_STATUS_IGNORE);
			sum = sum * 31 + out;
		} else {
			MPI_Allreduce(&in, &out, 1, MPI_UINT64_T, MPI_SUM, own[t]);
			sum ^= out;
		}
	}
	return (void *)(uintptr_t)sum;
}

static void threads(void)
{
	pthread_t id[4];
	void *sum;
	int t;

	for (t = 0; t < 4; t++)
		MPI_Comm_dup(MPI_COMM_WORLD, &own[t]);
	for (t = 1; t < 4; t++)
		pthread_create(&id[t], NULL, thread, (void *)(intptr_t)t);
	add((uintptr_t)thread(NULL));
	for (t = 1; t < 4; t++) {
		pthread_join(id[t], &sum);
		add((uintptr_t)sum);
	}
	for (t = 0; t < 4; t++)
		MPI_Comm_free(&own[t]);
}

/* Messages wait long for their receives: small and large, buffered, to oneself, over an
 * intercommunicator. */
static void pending(void)
{
	enum { MANY = 12, LARGE = 300000 };
	static char out[MANY][LARGE], in[LARGE], self[100], mine[100];
	static char buffer[MANY * (1000 + MPI_BSEND_OVERHEAD)];
	MPI_Comm half, inter;
	int low = me < n / 2, size, remote;
	void *detached;

	MPI_Buffer_attach(buffer, sizeof(buffer));
	MPI_Comm_split(MPI_COMM_WORLD, low, me, &half);
	MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, low ? n / 2 : 0, 1, &inter);
	MPI_Comm_remote_size(inter, &remote);
	for (int r = 0; r < rounds; r++) {
		int to = (me + 1) % n, from = (me + n - 1) % n;
		MPI_Request request[MANY + 2];
		MPI_Status status;

		for (int i = 0; i < MANY; i++) {
			size = i % 3 == 0 ? 10 * i + r : i % 3 == 1 ? LARGE - i - r : 1000;
			memset(out[i], r + i, (size_t)size);
			request[i] = MPI_REQUEST_NULL;
			if (i % 3 == 2)
				MPI_Bsend(out[i], 900, MPI_BYTE, to, i % 2, MPI_COMM_WORLD);
			else
				MPI_Isend(out[i], size, MPI_BYTE, to, i % 2, MPI_COMM_WORLD,
					  &request[i]);
		}
		memset(mine, r, sizeof(mine));
		MPI_Isend(mine, 100, MPI_BYTE, me, 77, MPI_COMM_WORLD, &request[MANY]);
		MPI_Isend(out[1], 5000, MPI_BYTE, me % remote, 78, inter, &request[MANY + 1]);
		usleep(20000);
		for (int tag = 0; tag < 2; tag++) {
			for (int i = tag; i < MANY; i += 2) {
				size = i % 3 == 0 ? 10 * i + r : i % 3 == 1 ? LARGE - i - r : 900;
				memset(in, 0xff, LARGE);
				MPI_Recv(in, LARGE, MPI_BYTE, r % 2 ? from : MPI_ANY_SOURCE, tag,
					 MPI_COMM_WORLD, &status);
				int got;
				MPI_Get_count(&status, MPI_BYTE, &got);
				check(got == size && status.MPI_SOURCE == from,
				      "order of messages");
				for (int k = 0; k < got; k++)
					check(in[k] == (char)(r + i), "contents");
				add((uint64_t)got);
			}
		}
		MPI_Recv(self, 100, MPI_BYTE, me, 77, MPI_COMM_WORLD, &status);
		check(self[99] == (char)r, "a message to oneself");
		for (int i = 0; i < n; i++) {
			/* who sends to me over the intercommunicator: i % my group's size */
			if ((i < n / 2) != low &&
			    i % (low ? n / 2 : n - n / 2) == me - (low ? 0 : n / 2)) {
				MPI_Recv(in, LARGE, MPI_BYTE, i - (low ? n / 2 : 0), 78, inter,
					 &status);
				check(in[4999] == (char)(r + 1), "over an intercommunicator");
			}
		}
		MPI_Waitall(MANY + 2, request, MPI_STATUSES_IGNORE);
	}
	MPI_Buffer_detach(&detached, &size);
	MPI_Comm_free(&inter);
	MPI_Comm_free(&half);
}

/* Random traffic: order, sizes and sources are checked by the hash. */
static void storm(void)
{
	enum { WIDE = 8, LARGE = 100000 };
	static char out[WIDE][LARGE], in[WIDE][LARGE];
	unsigned seed = 7;

	for (int r = 0; r < rounds; r++) {
		MPI_Request request[2 * WIDE];
		MPI_Status status[2 * WIDE];

		for (int i = 0; i < WIDE; i++) {
			int far = 1 + (int)(next(&seed) % (unsigned)(n > 1 ? n - 1 : 1));
			unsigned pick = next(&seed);
			int size = (int)(pick % 3 ? next(&seed) % 200 : next(&seed) % LARGE);
			int tag = (int)(next(&seed) % 100);

			memset(out[i], (me + r + i) & 127, (size_t)size);
			memset(in[i], 255, (size_t)size);
			MPI_Irecv(in[i], size, MPI_BYTE, (me + n - far % n) % n, tag,
				  MPI_COMM_WORLD, &request[WIDE + i]);
			MPI_Isend(out[i], size, MPI_BYTE, (me + far) % n, tag, MPI_COMM_WORLD,
				  &request[i]);
		}
		MPI_Waitall(2 * WIDE, request, status);
		for (int i = 0; i < WIDE; i++) {
			int count;

			MPI_Get_count(&status[WIDE + i], MPI_BYTE, &count);
			for (int k = 0; k < count; k++)
				check(in[i][k] ==
					      (char)((status[WIDE + i].MPI_SOURCE + r + i) & 127),
				      "contents");
			add((uint64_t)(count * 31 + status[WIDE + i].MPI_SOURCE));
		}
	}
}

/* Persistent requests; waits for any and some; a timer's handler in between. */
static volatile sig_atomic_t ticks;

static void tick(int number)
{
	(void)number;
	ticks++;
}

static void mixed(void)
{
	enum { MANY = 6 };
	struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
	static int in[MANY][2000], out[MANY][2000];
	MPI_Request request[2 * MANY];
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec every = {{0, 3000000}, {0, 3000000}};

	sigaction(SIGUSR1, &action, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &every, NULL);
	for (int i = 0; i < MANY; i++) {
		int size = i % 2 ? 2000 : 20;

		MPI_Recv_init(in[i], size, MPI_INT, (me + n - 1 - i % 2) % n, i, MPI_COMM_WORLD,
			      &request[i]);
		MPI_Send_init(out[i], size, MPI_INT, (me + 1 + i % 2) % n, i, MPI_COMM_WORLD,
			      &request[MANY + i]);
	}
	for (int r = 0; r < rounds; r++) {
		int done = 0, index[2 * MANY], count;
		MPI_Status status[2 * MANY];
		uint64_t sum = 0;

		for (int i = 0; i < MANY; i++)
			for (int k = 0; k < 2000; k++)
				out[i][k] = r * k + me;
		MPI_Startall(2 * MANY, request);
		while (done < 2 * MANY) {
			if (r % 2) {
				MPI_Waitany(2 * MANY, request, index, status);
				count = 1;
			} else {
				MPI_Waitsome(2 * MANY, request, &count, index, status);
			}
			for (int k = 0; k < count; k++)
				if (index[k] < MANY)
					sum += (uint64_t)(in[index[k]][19] + status[k].MPI_SOURCE);
			done += count;
		}
		add(sum);
	}
	for (int i = 0; i < 2 * MANY; i++)
		MPI_Request_free(&request[i]);
	timer_delete(timer);
	check(ticks > 0, "a timer");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
		int rounds, level;
	} modes[] = {
		{"compute", compute, 8, MPI_THREAD_SINGLE},
		{"blocked", blocked, 40, MPI_THREAD_SINGLE},
		{"sleeping", sleeping, 5, MPI_THREAD_SINGLE},
		{"dense", dense, 20000, MPI_THREAD_SINGLE},
		{"churn", churn, 300, MPI_THREAD_SINGLE},
		{"icoll", icoll, 3000, MPI_THREAD_SINGLE},
		{"master", master, 5000, MPI_THREAD_SINGLE},
		{"threads", threads, 1500, MPI_THREAD_MULTIPLE},
		{"pending", pending, 40, MPI_THREAD_SINGLE},
		{"storm", storm, 600, MPI_THREAD_SINGLE},
		{"mixed", mixed, 1500, MPI_THREAD_SINGLE},
	};
	uint64_t sum;
	int level;

	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[1], modes[i].name) != 0)
			continue;
		MPI_Init_thread(&argc, &argv, modes[i].level, &level);
		MPI_Comm_rank(MPI_COMM_WORLD, &me);
		MPI_Comm_size(MPI_COMM_WORLD, &n);
		rounds = argc > 2 ? atoi(argv[2]) : modes[i].rounds;
		modes[i].run();
		MPI_Reduce(&hash, &sum, 1, MPI_UINT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
		if (!me)
			printf("%s %016llx\n", argv[1], (unsigned long long)sum);
		MPI_Finalize();
		return 0;
	}
	fprintf(stderr, "usage: hurt MODE [ROUNDS]\n");
	return 2;
}
