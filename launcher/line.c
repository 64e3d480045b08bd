/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "line.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define PARAMETER "OMPI_MCA_" /* environment variables of this prefix are MCA parameters */

extern char **environ;

/* An option with its values: words of a context, from `at` on. */
struct given {
	const struct rf_option *option;
	unsigned at;
};

struct context {
	char **words; /* into the line's own copy; not ended by NULL */
	unsigned count;
	struct given *given;
	unsigned options;
	unsigned tail; /* index of "--" or the program */
	long ranks;    /* or RF_LINE_RANKS_UNSAID */
};

struct rf_line {
	char **argv; /* a copy */
	struct context *contexts;
	unsigned count;
};

/* A list of words in the making. */
struct words {
	char **list;
	size_t count;
	bool failed;
};

static void add(struct words *words, const char *word)
{
	char **list =
		words->failed ? NULL : realloc(words->list, (words->count + 2) * sizeof(*list));

	if (!list) {
		words->failed = true;
		return;
	}
	words->list = list;
	list[words->count] = strdup(word);
	list[words->count + 1] = NULL;
	if (list[words->count])
		words->count++;
	else
		words->failed = true;
}

static char **finished(struct words *words, struct rf_error *err)
{
	if (!words->failed)
		return words->list;
	rf_line_free(words->list);
	rf_error_set(err, ENOMEM, "no memory for an mpirun line");
	return NULL;
}

void rf_line_free(char **argv)
{
	char **word;

	for (word = argv; word && *word; word++)
		free(*word);
	free(argv);
}

static bool is_mpirun(const char *word)
{
	static const char *const names[] = {"mpirun", "mpiexec", "orterun"};
	const char *base = strrchr(word, '/');
	size_t i, n;

	base = base ? base + 1 : word;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		/* Debian's alternatives: mpirun.openmpi */
		if (strncmp(base, names[i], n) == 0 &&
		    (!base[n] || strcmp(base + n, ".openmpi") == 0))
			return true;
	}
	return false;
}

static int count_ranks(struct context *context, const char *text, struct rf_error *err)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > INT_MAX)
		return rf_error_set(err, EINVAL, "'%s' is not a number of ranks", text);
	context->ranks = n;
	return 0;
}

static int parse_option(struct context *context, unsigned at, struct rf_error *err)
{
	const char *word = context->words[at];
	const struct rf_option *option = rf_option_find(word);

	if (!option)
		return rf_error_set(err, EINVAL, "'%s' is not a known option of mpirun", word);
	if (option->class == RF_OPTION_NEVER)
		return rf_error_set(err, ENOTSUP, "an mpirun line with '%s' can not be run again",
				    word);
	if (at + (unsigned)option->values >= context->count)
		return rf_error_set(err, EINVAL, "mpirun's option '%s' has no value", word);
	context->given[context->options].option = option;
	context->given[context->options++].at = at;
	return option->class == RF_OPTION_COUNT ? count_ranks(context, context->words[at + 1], err)
						: 0;
}

/* The options in front of the program, if there is one. */
static int parse_context(struct context *context, struct rf_error *err)
{
	unsigned at = 0;

	context->ranks = RF_LINE_RANKS_UNSAID;
	context->given = calloc(context->count + 1, sizeof(*context->given));
	if (!context->given)
		return rf_error_errno(err, "no memory for an mpirun line");
	while (at < context->count && context->words[at][0] == '-' &&
	       strcmp(context->words[at], "--") != 0) {
		if (parse_option(context, at, err) < 0)
			return -1;
		at += 1 + (unsigned)context->given[context->options - 1].option->values;
	}
	context->tail = at;
	return 0;
}

static int parse_contexts(struct rf_line *line, char **word, struct rf_error *err)
{
	for (; *word; word += *word != NULL) {
		struct context *context = &line->contexts[line->count];
		unsigned programs;

		context->words = word;
		while (*word && strcmp(*word, ":") != 0)
			word++;
		context->count = (unsigned)(word - context->words);
		if (context->count == 0)
			continue; /* mpirun takes no notice of an empty one either */
		line->count++;
		if (parse_context(context, err) < 0)
			return -1;
		programs = context->tail;
		if (programs < context->count && strcmp(context->words[programs], "--") == 0)
			programs++;
		if (programs == context->count)
			return rf_error_set(err, EINVAL, "the mpirun line has no program%s",
					    line->count > 1 ? " in one of its parts" : "");
	}
	return line->count ? 0 : rf_error_set(err, EINVAL, "the mpirun line has no program");
}

struct rf_line *rf_line_parse(char *const argv[], struct rf_error *err)
{
	struct rf_line *line = calloc(1, sizeof(*line));
	struct words words = {0};
	size_t n;

	for (n = 0; argv[n]; n++)
		add(&words, argv[n]);
	if (line)
		line->contexts = calloc(n + 1, sizeof(*line->contexts));
	if (!line || !line->contexts || words.failed) {
		rf_line_free(words.list);
		rf_line_destroy(line);
		rf_error_set(err, ENOMEM, "no memory for an mpirun line");
		return NULL;
	}
	line->argv = words.list;
	if (n == 0 || !is_mpirun(argv[0])) {
		rf_error_set(err, EINVAL, "'%s' is not mpirun, mpiexec or orterun",
			     n ? argv[0] : "");
	} else if (parse_contexts(line, line->argv + 1, err) == 0) {
		return line;
	}
	rf_line_destroy(line);
	return NULL;
}

void rf_line_destroy(struct rf_line *line)
{
	unsigned i;

	if (!line)
		return;
	for (i = 0; line->contexts && i < line->count; i++)
		free(line->contexts[i].given);
	free(line->contexts);
	rf_line_free(line->argv);
	free(line);
}

unsigned rf_line_contexts(const struct rf_line *line)
{
	return line->count;
}

long rf_line_ranks(const struct rf_line *line)
{
	long ranks = 0;
	unsigned i;

	for (i = 0; i < line->count; i++) {
		if (line->contexts[i].ranks == RF_LINE_RANKS_UNSAID)
			return RF_LINE_RANKS_UNSAID;
		ranks += line->contexts[i].ranks;
	}
	return ranks;
}

static enum rf_option_class class_of(const struct context *context, const struct given *given)
{
	if (given->option->class != RF_OPTION_PARAMETER)
		return given->option->class;
	return rf_parameter_is_where(context->words[given->at + 1]) ? RF_OPTION_WHERE
								    : RF_OPTION_KEEP;
}

static void add_given(struct words *to, const struct context *context, const struct given *given)
{
	int i;

	for (i = 0; i <= given->option->values; i++)
		add(to, context->words[given->at + (unsigned)i]);
}

static void add_tail(struct words *to, const struct context *context)
{
	unsigned i;

	for (i = context->tail; i < context->count; i++)
		add(to, context->words[i]);
}

/* --oversubscribe and --nooversubscribe: mpirun refuses to be given both. */
static bool opposite(const char *a, const char *b)
{
	return (strncmp(a, "no", 2) == 0 && strcmp(a + 2, b) == 0) ||
	       (strncmp(b, "no", 2) == 0 && strcmp(b + 2, a) == 0);
}

/* Is it an option of the same name, or its opposite; of parameters, for the same parameter? */
static bool same(const struct context *a, const struct given *x, const struct context *b,
		 const struct given *y)
{
	if (x->option->class != RF_OPTION_PARAMETER)
		return x->option == y->option || opposite(x->option->name, y->option->name);
	return y->option->class == RF_OPTION_PARAMETER &&
	       strcmp(a->words[x->at + 1], b->words[y->at + 1]) == 0;
}

/* Is what the line gives left out because of the new options? */
static bool replaced(const struct context *old, const struct given *given,
		     const struct context *new, bool elsewhere)
{
	unsigned i;

	if (elsewhere && class_of(old, given) == RF_OPTION_WHERE)
		return true;
	if (given->option->class == RF_OPTION_COUNT)
		return new->ranks != RF_LINE_RANKS_UNSAID;
	if (strcmp(given->option->name, "x") == 0)
		return false; /* one of many */
	for (i = 0; i < new->options; i++)
		if (same(old, given, new, &new->given[i]))
			return true;
	return false;
}

static int check_new(const struct rf_line *line, struct context *new, unsigned ranks,
		     bool *elsewhere, struct rf_error *err)
{
	unsigned i;

	if (parse_context(new, err) < 0)
		return -1;
	if (new->tail < new->count)
		return rf_error_set(err, EINVAL, "'%s' is no option: the program is the snapshot's",
				    new->words[new->tail]);
	for (i = 0; i < new->options; i++)
		if (class_of(new, &new->given[i]) == RF_OPTION_WHERE)
			*elsewhere = true;
	if (new->ranks == RF_LINE_RANKS_UNSAID)
		return 0;
	if (line->count > 1)
		return rf_error_set(err, EINVAL,
				    "the number of ranks can not be given: the line has several "
				    "programs, each with its own");
	if (new->ranks != (long)ranks)
		return rf_error_set(err, EINVAL, "there are %u ranks, and it can not be %ld", ranks,
				    new->ranks);
	return 0;
}

/* The number of ranks, where hosts or slots said it that are others now. */
static void add_ranks(struct words *to, unsigned ranks)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", ranks);
	add(to, "-np");
	add(to, number);
}

char **rf_line_merge(const struct rf_line *line, char *const options[], unsigned ranks,
		     struct rf_error *err)
{
	struct context new = {.words = (char **)options};
	struct words words = {0};
	bool elsewhere = false;
	unsigned i, k;

	while (options[new.count])
		new.count++;
	if (check_new(line, &new, ranks, &elsewhere, err) < 0) {
		free(new.given);
		return NULL;
	}
	add(&words, line->argv[0]);
	for (i = 0; i < line->count; i++) {
		const struct context *context = &line->contexts[i];

		if (i > 0)
			add(&words, ":");
		if (line->count == 1 && context->ranks == RF_LINE_RANKS_UNSAID &&
		    new.ranks == RF_LINE_RANKS_UNSAID)
			add_ranks(&words, ranks);
		for (k = 0; k < context->options; k++)
			if (!replaced(context, &context->given[k], &new, elsewhere))
				add_given(&words, context, &context->given[k]);
		for (k = 0; k < new.options; k++)
			add_given(&words, &new, &new.given[k]);
		add_tail(&words, context);
	}
	free(new.given);
	return finished(&words, err);
}

static int check_again(const struct rf_line *line, unsigned ranks, struct rf_error *err)
{
	long said = rf_line_ranks(line);
	unsigned i, k;

	if (said != RF_LINE_RANKS_UNSAID && said != (long)ranks)
		return rf_error_set(err, EINVAL, "the line is for %ld ranks, and there are %u",
				    said, ranks);
	if (said == RF_LINE_RANKS_UNSAID && line->count > 1)
		return rf_error_set(err, ENOTSUP,
				    "the line has several programs, and not for each of them the "
				    "number of ranks (-np)");
	for (i = 0; i < line->count; i++)
		for (k = 0; k < line->contexts[i].options; k++) {
			const struct given *given = &line->contexts[i].given[k];

			if (given->option->class == RF_OPTION_ONCE)
				return rf_error_set(err, ENOTSUP,
						    "a second mpirun would spoil the effect of "
						    "'%s'",
						    line->contexts[i].words[given->at]);
		}
	return 0;
}

char **rf_line_again(const struct rf_line *line, unsigned ranks, struct rf_error *err)
{
	struct words words = {0};
	unsigned i, k;

	if (check_again(line, ranks, err) < 0)
		return NULL;
	add(&words, line->argv[0]);
	for (i = 0; i < line->count; i++) {
		const struct context *context = &line->contexts[i];

		if (i > 0)
			add(&words, ":");
		if (context->ranks == RF_LINE_RANKS_UNSAID)
			add_ranks(&words, ranks);
		for (k = 0; k < context->options; k++) {
			enum rf_option_class class = class_of(context, &context->given[k]);

			if (class != RF_OPTION_WHERE && class != RF_OPTION_SHOW)
				add_given(&words, context, &context->given[k]);
		}
		add_tail(&words, context);
	}
	return finished(&words, err);
}

static void unset_parameters(void)
{
	const size_t prefix = strlen(PARAMETER);
	char **v = environ;

	while (*v) {
		char name[128];
		size_t n = strcspn(*v, "=");

		if (n > prefix && n < sizeof(name) && strncmp(*v, PARAMETER, prefix) == 0) {
			memcpy(name, *v, n);
			name[n] = '\0';
			if (rf_parameter_is_where(name + prefix)) {
				unsetenv(name);
				v = environ;
				continue;
			}
		}
		v++;
	}
}

int rf_line_set_places(const char *hostfile, struct rf_error *err)
{
	unset_parameters();
	if (setenv(PARAMETER "rmaps_base_mapping_policy", "seq", 1) < 0 ||
	    setenv(PARAMETER "orte_default_hostfile", hostfile, 1) < 0)
		return rf_error_errno(err, "can not set the environment");
	return 0;
}
