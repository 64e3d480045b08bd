/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry run: an mpirun line as the user would give it, with slots for its programs. Everything
 * reaches Open MPI by environment variables (environment.h), so the line is not touched.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "command.h"
#include "job.h"
#include "policies.h"
#include "resume.h"
#include "say.h"
#include "service.h"
#include "verdict.h"

static int parse(struct rf_job_options *run, bool *resume, int argc, char **argv)
{
	static const struct option options[] = {
		{"job", required_argument, NULL, 'j'},
		{"store", required_argument, NULL, 's'},
		{"resume", no_argument, NULL, 'r'},
		RF_POLICIES_LONG_OPTIONS,
		{"require-movable", no_argument, NULL, 'm'},
		RF_RECOVER_LONG_OPTIONS,
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct rf_policies_options policies = {0};
	int o, at = 0;

	opterr = 0;
	while ((o = getopt_long(argc, argv, "+:vh", options, &at)) != -1) {
		switch (o) {
		case 'j':
			run->name = optarg;
			if (!rf_job_good_name(optarg))
				return rf_usage_error("run",
						      "'%s' is not a job's name: letters, digits, "
						      ". _ -, at most %d",
						      optarg, RF_JOB_NAME);
			break;
		case 's':
			run->store = rf_job_absolute(optarg);
			break;
		case 'r':
			*resume = true;
			break;
		case 'm':
			run->strict = true;
			break;
		case 'v':
			run->verbose++;
			break;
		case 'h':
			return rf_help_main(2, (char *[]){"help", "run", NULL}) ? RF_EXIT_OWN : -1;
		case ':':
			return rf_usage_error("run", "%s needs a value", argv[optind - 1]);
		default:
			if (rf_policies_option(&policies, &options[at], o, optarg) < 0)
				return rf_usage_error("run", "unknown option %s", argv[optind - 1]);
		}
	}
	if (optind == argc)
		return rf_usage_error("run", "no mpirun line given");
	run->line = argv + optind;
	if (*resume && !run->name)
		return rf_usage_error("run", "--resume needs --job: the name by which it finds the "
					     "job's snapshots");
	return rf_job_obey(run, &policies) < 0 ? RF_EXIT_OWN : 0;
}

/* The job goes on from its newest snapshot, if it has one. */
static int find(struct rf_job_options *run, struct rf_resume *resume, struct rf_error *err)
{
	char *store = rf_job_absolute(run->store ? run->store : RF_STORE_DEFAULT);
	int rc = store ? rf_resume_find(store, run->name, run->line, resume, err)
		       : rf_error_errno(err, "can not name the directory for snapshots");

	free(store);
	if (rc < 0 || !resume->path)
		return rc;
	rf_say("%s goes on from %s", run->name, resume->path);
	run->restore = resume->path;
	run->ranks = (unsigned)json_array_size(json_object_get(resume->manifest, "ranks"));
	return 0;
}

int rf_run_main(int argc, char **argv)
{
	struct rf_job_options options = {0};
	struct rf_resume found;
	struct rf_error err;
	bool resume = false;
	int rc = parse(&options, &resume, argc, argv);

	if (rc)
		return rc < 0 ? 0 : rc;
	if (resume && find(&options, &found, &err) < 0) {
		rf_say("%s; nothing was started", err.text);
		return RF_EXIT_OWN;
	}
	rf_end_as(rf_job_run(&options));
}
