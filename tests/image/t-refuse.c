/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What cannot be kept is named before anything is stopped, and the program goes on. argv[2] says
 * what to have: a word of the table below. Prints the obstacles.
 */
#define _GNU_SOURCE
#include "take.h"
#include "image/sink_file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int child;

static void have_socket(void)
{
	CHECK(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static void have_eventfd(void)
{
	CHECK(eventfd(0, 0) >= 0);
}

static void have_epoll(void)
{
	CHECK(epoll_create1(0) >= 0);
}

static void have_pipe(void)
{
	int end[2];

	CHECK(pipe(end) == 0 && close(end[0]) == 0);
}

static void have_child(void)
{
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
}

static void have_shared(void)
{
	int fd = memfd_create("x", 0);

	CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	close(fd);
}

static void have_shared_to_read(void)
{
	int fd = memfd_create("x", 0);

	CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
	close(fd);
}

static void have_file_shared(void)
{
	int fd = open("mapped", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	close(fd);
}

static void have_sysv(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);

	CHECK(id >= 0 && shmat(id, NULL, 0) != (void *)-1);
	shmctl(id, IPC_RMID, NULL);
}

static void have_fifo(void)
{
	CHECK(mkfifo("fifo", 0600) == 0 && open("fifo", O_RDWR) >= 0);
	unlink("fifo");
}

static void have_renamed(void)
{
	CHECK(open("old", O_RDWR | O_CREAT, 0600) >= 0 && rename("old", "new") == 0);
	CHECK(link("new", "old2") == 0 && unlink("new") == 0);
}

static void have_unreadable(void)
{
	CHECK(open("unreadable", O_WRONLY | O_CREAT, 0200) >= 0 && unlink("unreadable") == 0);
}

static void have_nothing(void)
{
}

static const struct {
	const char *name;
	void (*have)(void);
} things[] = {
	{"socket", have_socket},
	{"eventfd", have_eventfd},
	{"epoll", have_epoll},
	{"pipe", have_pipe},
	{"child", have_child},
	{"shared", have_shared},
	{"sysv", have_sysv},
	{"file-shared", have_file_shared},
	{"shared-to-read", have_shared_to_read},
	{"fifo", have_fifo},
	{"renamed", have_renamed},
	{"unreadable", have_unreadable},
	{"nothing", have_nothing},
};

int main(int argc, char **argv)
{
	struct rf_obstacle list[8];
	struct rf_file_sink sink;
	struct rf_error err = {0};
	int n;

	take_init(argc, argv);
	CHECK(argc > 2);
	for (unsigned i = 0; i < sizeof(things) / sizeof(*things); i++)
		if (!strcmp(things[i].name, argv[2]))
			things[i].have();
	n = rf_image_check(NULL, list, 8, &err);
	CHECK(n >= 0 && n <= 8);
	for (int i = 0; i < n; i++)
		printf("%s\n", list[i].text);
	CHECK(rf_file_sink_open(&sink, argv[1], &err) == 0);
	if (n) { /* the capture must refuse for the same reason */
		CHECK(rf_image_capture(&sink.sink, RF_IMAGE_SYNC, NULL, &err) == -1);
		CHECK(!strncmp(err.text, list[0].text, strlen(list[0].text)));
	} else
		CHECK(rf_image_capture(&sink.sink, RF_IMAGE_SYNC, NULL, &err) == 0);
	if (child)
		kill(child, SIGKILL);
	printf("%d obstacles\n", n);
	return 0;
}
