/* SPDX-License-Identifier: BSD-3-Clause */
/* A monitor that does what no plugin should, for test_plugin.c. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rankferry/plugin.h>

/* Whatever fd is a socket must be that to the coordinator. */
static int find_socket(void)
{
	struct stat s;
	int fd;

	for (fd = 3; fd < 1024; fd++)
		if (fstat(fd, &s) == 0 && S_ISSOCK(s.st_mode))
			return fd;
	return -1;
}

static void say(const char *text, size_t size, int times)
{
	int fd = find_socket();

	while (times-- > 0)
		if (write(fd, text, size) < 0)
			return;
}

/* Leaves a child in a session of its own, deaf to all but SIGKILL, and its pid in a file. */
static void leave_child(const char *path)
{
	struct stat there;
	FILE *file;
	int s;

	unlink(path);
	if (fork() != 0) {
		while (stat(path, &there) < 0 || there.st_size == 0)
			usleep(1000);
		return;
	}
	setsid();
	for (s = 1; s < 32; s++)
		signal(s, SIG_IGN);
	if (fork() != 0)
		_exit(0);
	file = fopen(path, "w");
	if (file) {
		fprintf(file, "%d\n", (int)getpid());
		fclose(file);
	}
	for (;;)
		pause();
}

static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	static char block[65536];
	const char *how = core->option(core, "how");
	struct rankferry_word word = {sizeof(word), "node1", RANKFERRY_DRAIN, 0, "a word"};

	(void)self, (void)host, (void)hosts;
	if (*core->option(core, "child"))
		leave_child(core->option(core, "child"));
	if (strcmp(how, "crash") == 0)
		signal(SIGSEGV, SIG_DFL), raise(SIGSEGV);
	if (strcmp(how, "exit") == 0)
		_exit(3);
	if (strcmp(how, "hang") == 0)
		for (;;)
			pause();
	if (strcmp(how, "stop") == 0)
		raise(SIGSTOP);
	if (strcmp(how, "flood") == 0)
		say(block, sizeof(block), 1000);
	if (strcmp(how, "nonsense") == 0)
		say("{\"words\": [{\"host\": \"node1\"}]}\n", 32, 1);
	if (strcmp(how, "state") == 0)
		word.state = (enum rankferry_state)7;
	if (strcmp(how, "bytes") == 0)
		word.reason = "\xff\xfe";
	if (strcmp(how, "run") == 0) {
		const char *const argv[] = {"sh", "-c", "sleep 60 & sleep 60", NULL};

		return core->run(core, argv, 200, NULL, 0) == RANKFERRY_NOT_ENDED
			       ? core->fail(core, "it has not ended")
			       : 0;
	}
	if (strcmp(how, "secret") == 0)
		word.reason = getenv("OMPI_RANKFERRY_SECRET") ? "it has the secret" : "it has not";
	core->tell(core, &word);
	return 0;
}

static const struct rankferry_option options[] = {
	{"how", NULL, "what to do"},
	{"child", "", "leave a child, and its pid in this file"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "bad",
	.version = "1",
	.help = "does what no plugin should",
	.option = options,
	.look = look,
};
