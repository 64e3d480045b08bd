/* SPDX-License-Identifier: BSD-3-Clause */
/* Fifty changes, with objects that come and go: neither memory nor descriptors grow. */
#include <dirent.h>

#include "switch.h"

static long field(const char *name)
{
	char line[256];
	long value = -1;
	FILE *status = fopen("/proc/self/status", "r");

	CHECK(status);
	while (fgets(line, sizeof(line), status))
		if (!strncmp(line, name, strlen(name)))
			value = atol(line + strlen(name));
	fclose(status);
	return value;
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void churn(void)
{
	for (int i = 0; i < 2000; i++) {
		MPI_Datatype one, two;
		MPI_Group group;
		MPI_Info info;

		MPI_Type_contiguous(i + 1, MPI_INT, &one);
		MPI_Type_vector(2, 1, 2, one, &two);
		MPI_Type_free(&one);
		MPI_Type_free(&two);
		MPI_Comm_group(MPI_COMM_WORLD, &group);
		MPI_Group_free(&group);
		MPI_Info_create(&info);
		MPI_Info_set(info, "key", "value");
		MPI_Info_free(&info);
	}
}

int main(int argc, char **argv)
{
	int turns = getenv("SWITCH_TURNS") ? atoi(getenv("SWITCH_TURNS")) : 50;
	int in = -1, threads = 0, fds = 0;
	long memory = 0;
	MPI_Request receive, send;
	MPI_Comm copy, next;

	begin(&argc, &argv);
	MPI_Send_init(&rank, 1, MPI_INT, (rank + 1) % size, 1, MPI_COMM_WORLD, &send);
	MPI_Recv_init(&in, 1, MPI_INT, (rank + size - 1) % size, 1, MPI_COMM_WORLD, &receive);
	MPI_Comm_dup(MPI_COMM_WORLD, &copy);
	for (int i = 1; i <= turns; i++) {
		MPI_Request request = MPI_REQUEST_NULL;
		int got = -1;

		churn();
		MPI_Irecv(&got, 1, MPI_INT, MPI_ANY_SOURCE, 7, copy, &request);
		change();
		MPI_Send(&rank, 1, MPI_INT, (rank + 1) % size, 7, copy);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		CHECK(got == (rank + size - 1) % size);
		in = -1;
		MPI_Start(&receive);
		MPI_Start(&send);
		MPI_Wait(&receive, MPI_STATUS_IGNORE);
		MPI_Wait(&send, MPI_STATUS_IGNORE);
		CHECK(in == (rank + size - 1) % size);
		MPI_Comm_dup(copy, &next);
		MPI_Comm_free(&copy);
		copy = next;
		if (i == 6) {
			memory = field("VmRSS:");
			fds = descriptors();
			threads = (int)field("Threads:");
		}
		if (i > 6) {
			CHECK(descriptors() <= fds);
			CHECK((int)field("Threads:") <= threads);
			CHECK(field("VmRSS:") < memory + 4096);
		}
	}
	if (rank == 0)
		fprintf(stderr, "memory %ld kB, then %ld kB; %d descriptors\n", memory,
			field("VmRSS:"), fds);
	MPI_Comm_free(&copy);
	MPI_Request_free(&send);
	MPI_Request_free(&receive);
	return end("many");
}
