/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/line.h"
#include "launcher/options.h"

#define WORDS 64

/* Splits at blanks; `copy` holds the words. */
static void split(const char *text, char copy[1024], char *words[WORDS])
{
	char *save;
	int n = 0;

	snprintf(copy, 1024, "%s", text);
	for (words[n] = strtok_r(copy, " ", &save); words[n]; words[n] = strtok_r(NULL, " ", &save))
		n++;
}

static struct rf_line *parse(const char *text, struct rf_error *err)
{
	char copy[1024], *words[WORDS];

	split(text, copy, words);
	return rf_line_parse(words, err);
}

/* The words with blanks between them. */
static void join(char **argv, char text[1024])
{
	*text = '\0';
	for (; argv && *argv; argv++) {
		strcat(text, *text ? " " : "");
		strcat(text, *argv);
	}
}

static const struct {
	const char *line;
	unsigned contexts;
	long ranks;
} good[] = {
	{"mpirun ./a", 1, RF_LINE_RANKS_UNSAID},
	{"mpirun -np 4 ./a", 1, 4},
	{"mpirun -n 4 ./a -np 8", 1, 4},
	{"/opt/ompi/bin/mpiexec -c 3 a", 1, 3},
	{"orterun --np 2 --mca pml ob1 a : -n 3 b", 2, 5},
	{"mpirun.openmpi -np 2 a : b", 2, RF_LINE_RANKS_UNSAID},
	{"mpirun -np 2 a : : -np 1 b :", 2, 3},
	{"mpirun -np 2 -- -a", 1, 2},
	{"mpirun -gmca x y -x A -x B=2 -H h1,h2 --tag-output a b c", 1, RF_LINE_RANKS_UNSAID},
	{"mpirun --oversubscribe -N 2 -host h:4 a", 1, RF_LINE_RANKS_UNSAID},
};

static void test_good(void)
{
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct rf_error err = {0};
		struct rf_line *line = parse(good[i].line, &err);

		CU_ASSERT_PTR_NOT_NULL_FATAL(line);
		CU_ASSERT_EQUAL(rf_line_contexts(line), good[i].contexts);
		CU_ASSERT_EQUAL(rf_line_ranks(line), good[i].ranks);
		rf_line_destroy(line);
	}
}

static const struct {
	const char *line, *why;
} bad[] = {
	{"", "'' is not mpirun, mpiexec or orterun"},
	{"srun -n 4 ./a", "'srun' is not mpirun, mpiexec or orterun"},
	{"mpirun_rsh ./a", "'mpirun_rsh' is not mpirun, mpiexec or orterun"},
	{"mpirun", "the mpirun line has no program"},
	{"mpirun -np 4", "the mpirun line has no program"},
	{"mpirun -np 4 --", "the mpirun line has no program"},
	{"mpirun -np 4 a : -np 2", "the mpirun line has no program in one of its parts"},
	{"mpirun -np", "mpirun's option '-np' has no value"},
	{"mpirun --mca a", "mpirun's option '--mca' has no value"},
	{"mpirun -np4 a", "'-np4' is not a known option of mpirun"},
	{"mpirun -qv a", "'-qv' is not a known option of mpirun"},
	{"mpirun - a", "'-' is not a known option of mpirun"},
	{"mpirun --hosts x a", "'--hosts' is not a known option of mpirun"},
	{"mpirun ---np 4 a", "'---np' is not a known option of mpirun"},
	{"mpirun -np four a", "'four' is not a number of ranks"},
	{"mpirun -np 4x a", "'4x' is not a number of ranks"},
	{"mpirun -np 0 a", "'0' is not a number of ranks"},
	{"mpirun -np 99999999999 a", "'99999999999' is not a number of ranks"},
	{"mpirun --app f", "an mpirun line with '--app' can not be run again"},
	{"mpirun -np 2 a : -tune f -np 2 b", "an mpirun line with '-tune' can not be run again"},
};

static void test_bad(void)
{
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rf_error err = {0};

		CU_ASSERT_PTR_NULL(parse(bad[i].line, &err));
		CU_ASSERT_STRING_EQUAL(err.text, bad[i].why);
	}
}

static const struct {
	const char *line;
	unsigned ranks;
	const char *again; /* or why not, behind '!' */
} again[] = {
	{"mpirun -np 4 ./a", 4, "mpirun -np 4 ./a"},
	{"mpirun ./a -H x", 4, "mpirun -np 4 ./a -H x"},
	{"mpirun -np 4 --host a:2,b:2 --map-by node --mca pml ob1 -x A ./a", 4,
	 "mpirun -np 4 --mca pml ob1 -x A ./a"},
	{"mpirun --mca rmaps seq --mca rmaps_base_mapping_policy x --oversubscribe a", 2,
	 "mpirun -np 2 --oversubscribe a"},
	{"mpirun -gmca orte_default_hostfile f -mca rmaps_base_oversubscribe 1 a", 1,
	 "mpirun -np 1 -mca rmaps_base_oversubscribe 1 a"},
	{"mpirun -N 2 -machinefile m --bind-to core --report-bindings a", 4,
	 "mpirun -np 4 --bind-to core a"},
	{"mpirun -np 1 -H a x : --rankfile r -np 2 --host b y", 3, "mpirun -np 1 x : -np 2 y"},
	{"mpirun -np 2 -- --weird", 2, "mpirun -np 2 -- --weird"},
	{"mpirun --report-pid - -np 2 a", 2, "mpirun -np 2 a"},
	{"mpirun -np 2 a", 3, "!the line is for 2 ranks, and there are 3"},
	{"mpirun a : b", 3,
	 "!the line has several programs, and not for each of them the number of ranks (-np)"},
	{"mpirun -np 2 a : -np 2 --output-filename o b", 4,
	 "!a second mpirun would spoil the effect of '--output-filename'"},
};

static void test_again(void)
{
	size_t i;

	for (i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		struct rf_error err = {0};
		struct rf_line *line = parse(again[i].line, &err);
		char **argv, text[1024];

		CU_ASSERT_PTR_NOT_NULL_FATAL(line);
		argv = rf_line_again(line, again[i].ranks, &err);
		if (*again[i].again == '!') {
			CU_ASSERT_PTR_NULL(argv);
			CU_ASSERT_STRING_EQUAL(err.text, again[i].again + 1);
		} else {
			join(argv, text);
			CU_ASSERT_STRING_EQUAL(text, again[i].again);
		}
		rf_line_free(argv);
		rf_line_destroy(line);
	}
}

static const struct {
	const char *line, *options;
	unsigned ranks;
	const char *merged; /* or why not, behind '!' */
} merges[] = {
	{"mpirun -np 4 --host a:4 ./a", "--host b:4", 4, "mpirun -np 4 --host b:4 ./a"},
	{"mpirun -N 2 --hostfile f ./a", "--host b:4", 4, "mpirun -np 4 --host b:4 ./a"},
	{"mpirun -np 4 --map-by node ./a", "--oversubscribe", 4,
	 "mpirun -np 4 --map-by node --oversubscribe ./a"},
	{"mpirun -np 4 --oversubscribe ./a", "-nooversubscribe", 4,
	 "mpirun -np 4 -nooversubscribe ./a"},
	{"mpirun -np 4 -nooversubscribe ./a", "--oversubscribe", 4,
	 "mpirun -np 4 --oversubscribe ./a"},
	{"mpirun -np 4 --host a ./a", "-n 4 -H b", 4, "mpirun -n 4 -H b ./a"},
	{"mpirun --mca btl tcp,self -x A -np 2 ./a", "-mca btl self -x B", 2,
	 "mpirun -x A -np 2 -mca btl self -x B ./a"},
	{"mpirun -np 1 -H a x : -np 2 -H b y", "--hostfile f", 3,
	 "mpirun -np 1 --hostfile f x : -np 2 --hostfile f y"},
	{"mpirun -np 4 ./a", "-np 5", 4, "!there are 4 ranks, and it can not be 5"},
	{"mpirun -np 4 ./a", "-H b ./b", 4, "!'./b' is no option: the program is the snapshot's"},
	{"mpirun -np 4 ./a", "--hots b", 4, "!'--hots' is not a known option of mpirun"},
	{"mpirun -np 1 a : -np 1 b", "-np 2", 2,
	 "!the number of ranks can not be given: the line has several programs, each with its "
	 "own"},
};

static void test_merge(void)
{
	size_t i;

	for (i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
		char copy[1024], *options[WORDS], text[1024], **argv;
		struct rf_error err = {0};
		struct rf_line *line = parse(merges[i].line, &err);

		CU_ASSERT_PTR_NOT_NULL_FATAL(line);
		split(merges[i].options, copy, options);
		argv = rf_line_merge(line, options, merges[i].ranks, &err);
		if (*merges[i].merged == '!') {
			CU_ASSERT_PTR_NULL(argv);
			CU_ASSERT_STRING_EQUAL(err.text, merges[i].merged + 1);
		} else {
			join(argv, text);
			CU_ASSERT_STRING_EQUAL(text, merges[i].merged);
		}
		rf_line_free(argv);
		rf_line_destroy(line);
	}
}

static void test_places(void)
{
	struct rf_error err;

	setenv("OMPI_MCA_rmaps", "ppr", 1);
	setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 1);
	setenv("OMPI_MCA_orte_rankfile", "x", 1);
	setenv("OMPI_MCA_pml", "ob1", 1);
	CU_ASSERT_EQUAL(rf_line_set_places("/run/hosts", &err), 0);
	CU_ASSERT_PTR_NULL(getenv("OMPI_MCA_rmaps"));
	CU_ASSERT_PTR_NULL(getenv("OMPI_MCA_orte_rankfile"));
	CU_ASSERT_STRING_EQUAL(getenv("OMPI_MCA_rmaps_base_oversubscribe"), "1");
	CU_ASSERT_STRING_EQUAL(getenv("OMPI_MCA_pml"), "ob1");
	CU_ASSERT_STRING_EQUAL(getenv("OMPI_MCA_rmaps_base_mapping_policy"), "seq");
	CU_ASSERT_STRING_EQUAL(getenv("OMPI_MCA_orte_default_hostfile"), "/run/hosts");
}

/* Every option that the installed mpirun knows is in the table, with its number of values. */
static void test_table(void)
{
	FILE *help = popen("OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
			   "mpirun --help parsable 2>/dev/null",
			   "r");
	char row[4096];
	int seen = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(help);
	/* short:single dash:long:values:description, "0" or "(null)" for no name */
	while (fgets(row, sizeof(row), help)) {
		char *save, *field = strtok_r(row, ":", &save), *names[3] = {0}, word[128];
		int i;

		for (i = 0; i < 3 && field; i++, field = strtok_r(NULL, ":", &save))
			names[i] = field;
		if (!field || !isdigit((unsigned char)*field))
			continue; /* the rest of a description */
		for (i = 0; i < 3; i++) {
			const struct rf_option *option;

			if (strcmp(names[i], "0") == 0 || strcmp(names[i], "(null)") == 0)
				continue;
			snprintf(word, sizeof(word), "--%s", names[i]);
			option = rf_option_find(word);
			if (!option || option->values != atoi(field))
				printf("# %s has %s values\n", word, field);
			CU_ASSERT_PTR_NOT_NULL(option);
			CU_ASSERT(option && option->values == atoi(field));
			seen++;
		}
	}
	if (pclose(help) != 0 || seen == 0)
		unit_skip("no mpirun");
	else
		CU_ASSERT(seen > 90);
}

static const struct unit_test tests[] = {
	{"contexts and ranks are counted", test_good},
	{"what is not understood is refused by name", test_bad},
	{"a line for a later generation says nothing about places", test_again},
	{"a line for a restart has the new places", test_merge},
	{"places are set by parameters", test_places},
	{"the table has the options of this host's mpirun", test_table},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("line", tests);
}
