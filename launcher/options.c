/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <stddef.h>
#include <string.h>

static const struct rf_option options[] = {
	/* the number of ranks */
	{"c", 1, RF_OPTION_COUNT},
	{"n", 1, RF_OPTION_COUNT},
	{"np", 1, RF_OPTION_COUNT},
	/* where they run */
	{"H", 1, RF_OPTION_WHERE},
	{"N", 1, RF_OPTION_WHERE},
	{"bycore", 0, RF_OPTION_WHERE},
	{"bynode", 0, RF_OPTION_WHERE},
	{"byslot", 0, RF_OPTION_WHERE},
	{"cpus-per-proc", 1, RF_OPTION_WHERE},
	{"cpus-per-rank", 1, RF_OPTION_WHERE},
	{"default-hostfile", 1, RF_OPTION_WHERE},
	{"host", 1, RF_OPTION_WHERE},
	{"hostfile", 1, RF_OPTION_WHERE},
	{"machinefile", 1, RF_OPTION_WHERE},
	{"map-by", 1, RF_OPTION_WHERE},
	{"max-vm-size", 1, RF_OPTION_WHERE},
	{"nolocal", 0, RF_OPTION_WHERE},
	{"npernode", 1, RF_OPTION_WHERE},
	{"npersocket", 1, RF_OPTION_WHERE},
	{"pernode", 0, RF_OPTION_WHERE},
	{"ppr", 1, RF_OPTION_WHERE},
	{"rank-by", 1, RF_OPTION_WHERE},
	{"rankfile", 1, RF_OPTION_WHERE},
	{"rf", 1, RF_OPTION_WHERE},
	/* parameters */
	{"gmca", 2, RF_OPTION_PARAMETER},
	{"mca", 2, RF_OPTION_PARAMETER},
	/* what mpirun prints at its start */
	{"display-allocation", 0, RF_OPTION_SHOW},
	{"display-devel-allocation", 0, RF_OPTION_SHOW},
	{"display-devel-map", 0, RF_OPTION_SHOW},
	{"display-diffable-map", 0, RF_OPTION_SHOW},
	{"display-map", 0, RF_OPTION_SHOW},
	{"display-topo", 0, RF_OPTION_SHOW},
	{"output-proctable", 0, RF_OPTION_SHOW},
	{"report-bindings", 0, RF_OPTION_SHOW},
	{"report-pid", 1, RF_OPTION_SHOW},
	{"report-uri", 1, RF_OPTION_SHOW},
	{"show-progress", 0, RF_OPTION_SHOW},
	/* files that would be begun anew, directories that end with their mpirun */
	{"output-filename", 1, RF_OPTION_ONCE},
	{"preload-binary", 0, RF_OPTION_ONCE},
	{"preload-files", 1, RF_OPTION_ONCE},
	{"s", 0, RF_OPTION_ONCE},
	{"set-cwd-to-session-dir", 0, RF_OPTION_ONCE},
	{"xml", 0, RF_OPTION_ONCE},
	{"xml-file", 1, RF_OPTION_ONCE},
	/* the same a second time */
	{"allow-run-as-root", 0, RF_OPTION_KEEP},
	{"bind-to", 1, RF_OPTION_KEEP},
	{"bind-to-core", 0, RF_OPTION_KEEP},
	{"bind-to-socket", 0, RF_OPTION_KEEP},
	{"cartofile", 1, RF_OPTION_KEEP},
	{"cf", 1, RF_OPTION_KEEP},
	{"cpu-list", 1, RF_OPTION_KEEP},
	{"cpu-set", 1, RF_OPTION_KEEP},
	{"d", 0, RF_OPTION_KEEP},
	{"debug-daemons", 0, RF_OPTION_KEEP},
	{"debug-daemons-file", 0, RF_OPTION_KEEP},
	{"debug-devel", 0, RF_OPTION_KEEP},
	{"disable-recovery", 0, RF_OPTION_KEEP},
	{"do-not-resolve", 0, RF_OPTION_KEEP},
	{"enable-instant-on-support", 0, RF_OPTION_KEEP},
	{"fwd-mpirun-port", 0, RF_OPTION_KEEP},
	{"get-stack-traces", 0, RF_OPTION_KEEP},
	{"index-argv-by-rank", 0, RF_OPTION_KEEP},
	{"launch-agent", 1, RF_OPTION_KEEP},
	{"leave-session-attached", 0, RF_OPTION_KEEP},
	{"merge-stderr-to-stdout", 0, RF_OPTION_KEEP},
	{"nooversubscribe", 0, RF_OPTION_KEEP},
	{"noprefix", 0, RF_OPTION_KEEP},
	{"novm", 0, RF_OPTION_KEEP},
	{"ompi-server", 1, RF_OPTION_KEEP},
	{"oversubscribe", 0, RF_OPTION_KEEP},
	{"path", 1, RF_OPTION_KEEP},
	{"personality", 1, RF_OPTION_KEEP},
	{"prefix", 1, RF_OPTION_KEEP},
	{"q", 0, RF_OPTION_KEEP},
	{"quiet", 0, RF_OPTION_KEEP},
	{"report-child-jobs-separately", 0, RF_OPTION_KEEP},
	{"report-events", 1, RF_OPTION_KEEP},
	{"report-state-on-timeout", 0, RF_OPTION_KEEP},
	{"stdin", 1, RF_OPTION_KEEP},
	{"tag-output", 0, RF_OPTION_KEEP},
	{"timeout", 1, RF_OPTION_KEEP},
	{"timestamp-output", 0, RF_OPTION_KEEP},
	{"use-hwthread-cpus", 0, RF_OPTION_KEEP},
	{"use-regexp", 0, RF_OPTION_KEEP},
	{"v", 0, RF_OPTION_KEEP},
	{"verbose", 0, RF_OPTION_KEEP},
	{"wd", 1, RF_OPTION_KEEP},
	{"wdir", 1, RF_OPTION_KEEP},
	{"x", 1, RF_OPTION_KEEP},
	/* options in files, jobs that are not one mpirun, debuggers, no job at all */
	{"V", 0, RF_OPTION_NEVER},
	{"am", 1, RF_OPTION_NEVER},
	{"app", 1, RF_OPTION_NEVER},
	{"continuous", 0, RF_OPTION_NEVER},
	{"debug", 0, RF_OPTION_NEVER},
	{"debugger", 1, RF_OPTION_NEVER},
	{"do-not-launch", 0, RF_OPTION_NEVER},
	{"dvm", 0, RF_OPTION_NEVER},
	{"enable-recovery", 0, RF_OPTION_NEVER},
	{"h", 1, RF_OPTION_NEVER},
	{"help", 1, RF_OPTION_NEVER},
	{"hnp", 1, RF_OPTION_NEVER},
	{"max-restarts", 1, RF_OPTION_NEVER},
	{"tune", 1, RF_OPTION_NEVER},
	{"tv", 0, RF_OPTION_NEVER},
	{"version", 0, RF_OPTION_NEVER},
	{"xterm", 1, RF_OPTION_NEVER},
	{0},
};

const struct rf_option *rf_option_find(const char *word)
{
	const struct rf_option *option;

	if (*word++ != '-')
		return NULL;
	word += *word == '-';
	for (option = options; option->name; option++)
		if (strcmp(option->name, word) == 0)
			return option;
	return NULL;
}

bool rf_parameter_is_where(const char *name)
{
	static const char *const keep[] = {"rmaps_base_oversubscribe",
					   "rmaps_base_no_oversubscribe"};
	static const char *const where[] = {"rmaps", "orte_default_hostfile", "orte_hostfile",
					    "orte_rankfile", "orte_max_vm_size"};
	size_t i;

	for (i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		if (strcmp(name, keep[i]) == 0)
			return false;
	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		if (strcmp(name, where[i]) == 0)
			return true;
	return strncmp(name, "rmaps_", 6) == 0;
}
