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
	struct rf_error err;
	int o;

	if (rf_policies_scan(argc, argv, "+:vh", options, &run->policies) < 0)
		return RF_EXIT_OWN;
	rf_recover_init(&run->recover, &run->periodic);
	if (run->policies && rf_recover_obey(&run->recover, &run->periodic,
					     rf_policies_now(run->policies), &err) < 0)
		return rf_usage_error("run", "%s", err.text);
	opterr = 0;
	while ((o = getopt_long(argc, argv, "+:vh", options, NULL)) != -1) {
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
		case RF_OPTION_POLICY:
		case RF_OPTION_SET:
			break; /* read already */
		default:
			if (o < RF_OPTION_RECOVER || o >= RF_OPTION_RECOVER_END)
				return rf_usage_error("run", "unknown option %s", argv[optind - 1]);
			if (rf_recover_option(&run->recover, &run->periodic, o, optarg, &err) < 0)
				return rf_usage_error("run", "%s", err.text);
		}
	}
	if (optind == argc)
		return rf_usage_error("run", "no mpirun line given");
	rf_recover_finish(&run->recover, &run->periodic);
	run->line = argv + optind;
	return 0;
}

int rf_run_main(int argc, char **argv)
{
	struct rf_job_options options = {0};
	int rc = parse(&options, argc, argv);

	if (rc)
		return rc < 0 ? 0 : rc;
	rf_end_as(rf_job_run(&options));
}
