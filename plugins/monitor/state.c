/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The states of hosts in a file, or as a command prints them; one line each, "#" begins a comment:
 *
 *	node17 drain kernel update
 *	node[3-4] unhealthy
 *	node5 ok
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rankferry/plugin.h>

#define SIZE	   (1 << 20) /* bytes of a file or of an output */
#define COMMAND_MS 8000

/* One line. 1: a word is in it; 0: it has none; -1: it is wrong, and *what says how. Cuts it to
 * pieces. */
static int parse_line(char *line, struct rankferry_word *word, const char **what)
{
	static const char *const states[] = {"ok", "drain", "unhealthy"};
	char *save = NULL, *state;
	size_t i;

	*word = (struct rankferry_word){.size = sizeof(*word)};
	*what = NULL;
	line[strcspn(line, "#\r")] = '\0';
	word->host = strtok_r(line, " \t", &save);
	if (!word->host)
		return 0;
	state = strtok_r(NULL, " \t", &save);
	*what = "no state after the host";
	if (!state)
		return -1;
	*what = "a state is drain, unhealthy or ok";
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state, states[i]) == 0)
			break;
	if (i == sizeof(states) / sizeof(states[0]))
		return -1;
	word->state = (enum rankferry_state)i;
	word->reason = save + strspn(save, " \t");
	if (!*word->reason)
		word->reason = NULL;
	return 1;
}

/* Tells all, or nothing if one line is wrong. */
static int parse(const struct rankferry_core *core, const char *where, char *text)
{
	struct rankferry_word *words = NULL;
	unsigned count = 0, number = 0, i;
	const char *what;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct rankferry_word word, *more;
		int rc = parse_line(line, &word, &what);

		number++;
		if (rc < 0) {
			free(words);
			return core->fail(core, "%s:%u: %s", where, number, what);
		}
		if (rc == 0)
			continue;
		more = realloc(words, (count + 1) * sizeof(*more));
		if (!more) {
			free(words);
			return core->fail(core, "%s: no memory", where);
		}
		words = more;
		words[count++] = word;
	}
	for (i = 0; i < count; i++)
		core->tell(core, &words[i]);
	free(words);
	return 0;
}

/* A file that is not there says nothing: it need not be there before the first host is to be
 * drained. */
static int read_file(const struct rankferry_core *core, const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n;
	int bad;

	*text = '\0';
	if (!file)
		return errno == ENOENT
			       ? 0
			       : core->fail(core, "can not read %s: %s", path, strerror(errno));
	n = fread(text, 1, size - 1, file);
	bad = ferror(file) ? errno : n == size - 1 ? EFBIG : 0;
	fclose(file);
	text[n] = '\0';
	if (!bad && strlen(text) != n)
		bad = EILSEQ;
	return bad ? core->fail(core, "can not read %s: %s", path, strerror(bad)) : 0;
}

static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	const char *file = core->option(core, "file"), *command = core->option(core, "command");
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	char *text = malloc(SIZE);
	int rc;

	(void)self, (void)host, (void)hosts;
	if (!text)
		return core->fail(core, "no memory");
	if (*file) {
		rc = read_file(core, file, text, SIZE);
	} else {
		rc = core->run(core, argv, COMMAND_MS, text, SIZE);
		if (rc > 0)
			rc = core->fail(core, "`%s' has ended with %d", command, rc);
		else if (rc == RANKFERRY_NOT_ENDED)
			rc = core->fail(core, "`%s' takes too long", command);
	}
	if (rc == 0)
		rc = parse(core, *file ? file : "its output", text);
	free(text);
	return rc;
}

static int open_state(const struct rankferry_core *core, void **self)
{
	(void)self;
	if (!*core->option(core, "file") == !*core->option(core, "command"))
		return core->fail(core, "set either file or command");
	return 0;
}

static const struct rankferry_option options[] = {
	{"file", "", "the file to read; one that is not there says nothing"},
	{"command", "", "or the shell command whose output to read"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "state",
	.version = "1",
	.help = "states of hosts from a file or a command, a line each: node17 drain reason",
	.option = options,
	.every_ms = 1000,
	.open = open_state,
	.look = look,
};
