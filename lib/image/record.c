/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/record.h"

static const struct {
	const char *name;
	uint32_t size;
} tables[RF_TABLES] = {
	[RF_TABLE_PROCESS] = {"process", sizeof(struct rf_process)},
	[RF_TABLE_CPU] = {"cpu", sizeof(struct rf_cpu)},
	[RF_TABLE_THREADS] = {"threads", sizeof(struct rf_thread)},
	[RF_TABLE_ACTIONS] = {"actions", sizeof(struct rf_action)},
	[RF_TABLE_PENDING] = {"pending", sizeof(struct rf_pending)},
	[RF_TABLE_TIMERS] = {"timers", sizeof(struct rf_timer)},
	[RF_TABLE_LIMITS] = {"limits", sizeof(struct rf_limit)},
	[RF_TABLE_FILES] = {"files", sizeof(struct rf_file)},
	[RF_TABLE_LOCKS] = {"locks", sizeof(struct rf_lock)},
	[RF_TABLE_CONTENTS] = {"contents", 1},
	[RF_TABLE_REGIONS] = {"regions", sizeof(struct rf_region)},
	[RF_TABLE_NAMES] = {"names", 1},
	[RF_TABLE_RUNS] = {"runs", sizeof(struct rf_run)},
	[RF_TABLE_VDSO] = {"vdso", 1},
	[RF_TABLE_AUXV] = {"auxv", 1},
	[RF_TABLE_MPI] = {"mpi", 1},
};

uint32_t rf_record_size(enum rf_table table)
{
	return tables[table].size;
}

const char *rf_table_name(enum rf_table table)
{
	return tables[table].name;
}
