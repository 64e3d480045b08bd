/* SPDX-License-Identifier: BSD-3-Clause */
#include "job.h"
#include "policies.h"
#include "say.h"

int rf_job_obey(struct rf_job_options *options, const struct rf_policies_options *said)
{
	struct rf_error err;

	options->policies = rf_policies_load(said);
	if (!options->policies)
		return -1;
	if (rf_recover_obey(&options->recover, rf_policies_now(options->policies), &err) == 0)
		return 0;
	rf_say("%s", err.text);
	return -1;
}
