/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry run: an mpirun line as the user would give it, with slots for its programs. Everything
 * reaches Open MPI by environment variables (environment.h), so the line is not touched.
 */
#include <getopt.h>
#include <stddef.h>

#include "command.h"
#include "job.h"
#include "policies.h"
#include "verdict.h"

static int parse(struct rf_job_options *run, int argc, char **argv)
{
	static const struct option options[] = {
		{"job", required_argument, NULL, 'j'},
		{"store", required_argument, NULL, 's'},
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
	return rf_job_obey(run, &policies) < 0 ? RF_EXIT_OWN : 0;
}

int rf_run_main(int argc, char **argv)
{
	struct rf_job_options options = {0};
	int rc = parse(&options, argc, argv);

	if (rc)
		return rc < 0 ? 0 : rc;
	rf_end_as(rf_job_run(&options));
}
