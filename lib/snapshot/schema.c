/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/schema.h"

#include <stddef.h>

enum type { U8, U16, U32, U64, I32, I64, TEXT, TYPES };

struct field {
	const char *name;
	size_t offset;
	enum type type;
	unsigned rows, columns; /* of an array; 0: a single value */
};

#define ONE(s, m, t)                                                                               \
	{                                                                                          \
#m, offsetof(struct s, m), t, 0, 0                                                 \
	}
#define ARRAY(s, m, t, n)                                                                          \
	{                                                                                          \
#m, offsetof(struct s, m), t, n, 0                                                 \
	}
#define RANGE(s, m)                                                                                \
	{                                                                                          \
#m, offsetof(struct s, m), U64, 2, 0                                               \
	}
#define RANGES(s, m, n)                                                                            \
	{                                                                                          \
#m, offsetof(struct s, m), U64, n, 2                                               \
	}
#define REGISTER(m)                                                                                \
	{                                                                                          \
#m, offsetof(struct rf_thread, context.m), U64, 0, 0                               \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, 0, U8, 0, 0                                                                  \
	}

const char *const rf_schema_groups[] = {"/process", "/memory", "/mpi", NULL};

static const struct field process[] = {ONE(rf_process, pid, I32),
				       ONE(rf_process, capturer, I32),
				       ONE(rf_process, umask, U32),
				       ONE(rf_process, personality, U32),
				       ONE(rf_process, dumpable, U32),
				       ONE(rf_process, thp_disable, U32),
				       ONE(rf_process, cwd, U32),
				       ONE(rf_process, exe, U32),
				       ONE(rf_process, start_code, U64),
				       ONE(rf_process, end_code, U64),
				       ONE(rf_process, start_data, U64),
				       ONE(rf_process, end_data, U64),
				       ONE(rf_process, start_brk, U64),
				       ONE(rf_process, brk, U64),
				       ONE(rf_process, start_stack, U64),
				       ONE(rf_process, arg_start, U64),
				       ONE(rf_process, arg_end, U64),
				       ONE(rf_process, env_start, U64),
				       ONE(rf_process, env_end, U64),
				       ONE(rf_process, resume, U64),
				       ONE(rf_process, rseq_length, U64),
				       ONE(rf_process, monotonic, U64),
				       ONE(rf_process, realtime, U64),
				       RANGES(rf_process, vvar, 3),
				       RANGE(rf_process, vdso),
				       RANGES(rf_process, reserved, 16),
				       ONE(rf_process, reserved_count, U32),
				       END};

static const struct field cpu[] = {ARRAY(rf_cpu, features, U32, RF_CPU_WORDS),
				   ONE(rf_cpu, xcr0, U64),
				   ARRAY(rf_cpu, component_offset, U32, RF_CPU_COMPONENTS),
				   ARRAY(rf_cpu, component_size, U32, RF_CPU_COMPONENTS),
				   ARRAY(rf_cpu, model, TEXT, 64),
				   END};

static const struct field threads[] = {
	ONE(rf_thread, tid, I32),
	ONE(rf_thread, exited, U32),
	REGISTER(rbx),
	REGISTER(rbp),
	REGISTER(r12),
	REGISTER(r13),
	REGISTER(r14),
	REGISTER(r15),
	REGISTER(rsp),
	REGISTER(rip),
	{"mxcsr", offsetof(struct rf_thread, context.mxcsr), U32, 0, 0},
	{"fcw", offsetof(struct rf_thread, context.fcw), U16, 0, 0},
	ONE(rf_thread, fs, U64),
	ONE(rf_thread, gs, U64),
	ONE(rf_thread, tid_address, U64),
	ONE(rf_thread, robust_list, U64),
	ONE(rf_thread, robust_length, U64),
	ONE(rf_thread, rseq, U64),
	ONE(rf_thread, signal_mask, U64),
	ONE(rf_thread, altstack, U64),
	ONE(rf_thread, altstack_size, U64),
	ONE(rf_thread, altstack_flags, I32),
	ONE(rf_thread, timer_slack, U32),
	ARRAY(rf_thread, name, TEXT, 16),
	END};

static const struct field actions[] = {ONE(rf_action, handler, U64), ONE(rf_action, flags, U64),
				       ONE(rf_action, restorer, U64), ONE(rf_action, mask, U64),
				       END};

static const struct field pending[] = {ONE(rf_pending, tid, I32), ONE(rf_pending, signal, I32),
				       ARRAY(rf_pending, info, U8, 128), END};

static const struct field timers[] = {
	ONE(rf_timer, kind, U32),	  ONE(rf_timer, id, I32),
	ONE(rf_timer, clock, I32),	  ONE(rf_timer, notify, I32),
	ONE(rf_timer, signal, I32),	  ONE(rf_timer, tid, I32),
	ONE(rf_timer, value, U64),	  ONE(rf_timer, interval_s, I64),
	ONE(rf_timer, interval_ns, I64),  ONE(rf_timer, remaining_s, I64),
	ONE(rf_timer, remaining_ns, I64), END};

static const struct field limits[] = {ONE(rf_limit, soft, U64), ONE(rf_limit, hard, U64), END};

static const struct field files[] = {ONE(rf_file, fd, I32),
				     ONE(rf_file, kind, U32),
				     ONE(rf_file, flags, U32),
				     ONE(rf_file, descriptor, U32),
				     ONE(rf_file, offset, I64),
				     ONE(rf_file, device, U64),
				     ONE(rf_file, inode, U64),
				     ONE(rf_file, size, U64),
				     ONE(rf_file, same_as, I32),
				     ONE(rf_file, stdio, I32),
				     ONE(rf_file, name, U32),
				     ONE(rf_file, pipe_size, U32),
				     ONE(rf_file, content, U64),
				     ONE(rf_file, content_bytes, U64),
				     END};

static const struct field locks[] = {ONE(rf_lock, fd, I32),	ONE(rf_lock, kind, U32),
				     ONE(rf_lock, write, U32),	ONE(rf_lock, start, U64),
				     ONE(rf_lock, length, U64), END};

static const struct field regions[] = {ONE(rf_region, start, U64),
				       ONE(rf_region, end, U64),
				       ONE(rf_region, offset, U64),
				       ONE(rf_region, protection, U32),
				       ONE(rf_region, flags, U32),
				       ONE(rf_region, name, U32),
				       END};

static const struct field runs[] = {ONE(rf_run, address, U64), ONE(rf_run, first, U64),
				    ONE(rf_run, pages, U32), ONE(rf_run, source, U32), END};

static const struct {
	const char *path;
	const struct field *fields; /* NULL: bytes */
} tables[RF_TABLES] = {
	[RF_TABLE_PROCESS] = {"/process/info", process},
	[RF_TABLE_CPU] = {"/process/cpu", cpu},
	[RF_TABLE_THREADS] = {"/process/threads", threads},
	[RF_TABLE_ACTIONS] = {"/process/actions", actions},
	[RF_TABLE_PENDING] = {"/process/pending", pending},
	[RF_TABLE_TIMERS] = {"/process/timers", timers},
	[RF_TABLE_LIMITS] = {"/process/limits", limits},
	[RF_TABLE_FILES] = {"/process/files", files},
	[RF_TABLE_LOCKS] = {"/process/locks", locks},
	[RF_TABLE_CONTENTS] = {"/process/contents", NULL},
	[RF_TABLE_REGIONS] = {"/memory/regions", regions},
	[RF_TABLE_NAMES] = {"/names", NULL},
	[RF_TABLE_RUNS] = {"/memory/runs", runs},
	[RF_TABLE_VDSO] = {"/process/vdso", NULL},
	[RF_TABLE_AUXV] = {"/process/auxv", NULL},
	[RF_TABLE_MPI] = {"/mpi/section", NULL},
};

const char *rf_schema_path(enum rf_table table)
{
	return tables[table].path;
}

/* Returns a type that the caller closes. */
static hid_t field_type(const struct field *f)
{
	const hid_t scalar[TYPES] = {
		[U8] = H5T_STD_U8LE,   [U16] = H5T_STD_U16LE, [U32] = H5T_STD_U32LE,
		[U64] = H5T_STD_U64LE, [I32] = H5T_STD_I32LE, [I64] = H5T_STD_I64LE,
		[TEXT] = H5T_C_S1};
	hsize_t shape[2] = {f->rows, f->columns};
	hid_t type;

	if (f->type == TEXT) {
		type = H5Tcopy(H5T_C_S1);
		if (type >= 0 && H5Tset_size(type, f->rows) < 0) {
			H5Tclose(type);
			return -1;
		}
		return type;
	}
	if (!f->rows)
		return H5Tcopy(scalar[f->type]);
	return H5Tarray_create2(scalar[f->type], f->columns ? 2 : 1, shape);
}

hid_t rf_schema_type(enum rf_table table)
{
	const struct field *f = tables[table].fields;
	hid_t type;

	if (!f)
		return H5Tcopy(H5T_STD_U8LE);
	type = H5Tcreate(H5T_COMPOUND, rf_record_size(table));
	for (; type >= 0 && f->name; f++) {
		hid_t member = field_type(f);

		if (member < 0 || H5Tinsert(type, f->name, f->offset, member) < 0) {
			H5Tclose(type);
			type = -1;
		}
		if (member >= 0)
			H5Tclose(member);
	}
	return type;
}
