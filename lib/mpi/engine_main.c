/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-engine: the real libmpi, as a program of its own inside the rank's process. It
 * publishes its functions and never runs again by itself.
 */
#include "engine/program.h"
#include "mpi/engine_loan.h"
#include "mpi/engine_sleep.h"
#include "mpi/engine_table.h"

/* opal/runtime/opal_progress.h; libopen-pal is what libmpi itself progresses with */
typedef int (*opal_progress_callback_t)(void);
int opal_progress_register_lp(opal_progress_callback_t cb);
void opal_progress(void);

/* ompi/op/op.h, which needs Open MPI's own headers */
void ompi_op_set_cxx_callback(MPI_Op op, void *function);

/* ompi/errhandler/errhandler.h */
int ompi_errhandler_invoke(MPI_Errhandler handler, void *object, int type, int code,
			   const char *function);
void ompi_mpi_errors_are_fatal_comm_handler(MPI_Comm *comm, int *code, const char *function, ...);

static const int *wanted;
static void (*hook)(void);

/* Low priority: run at every eighth turn of the progress loop. */
static int progress(void)
{
	if (__builtin_expect(__atomic_load_n(wanted, __ATOMIC_RELAXED), 0))
		hook();
	return 0;
}

/* Of a thread that would sleep: the loop's callback is not left to every eighth turn of all. */
static int take_part(void)
{
	opal_progress();
	return progress();
}

static int watch(const int *flag, void (*function)(void))
{
	wanted = flag;
	hook = function;
	rf_sleep_instead(flag, take_part);
	return opal_progress_register_lp(progress) ? -1 : 0;
}

static const struct rf_engine_calls calls = {
	.watch = watch,
	.lend = rf_loan,
	.lend_end = rf_loan_end,
	.op_passes = ompi_op_set_cxx_callback,
	.raise = ompi_errhandler_invoke,
	.fatal = ompi_mpi_errors_are_fatal_comm_handler,
	.finalize = rf_background_finalize,
	.init = rf_background_init,
	.claim = rf_background_claim,
	.quiesce = &rf_quiesce_engine,
	.state = &rf_state_engine,
};
static struct rf_mpi_table table;

int main(void)
{
	rf_table_fill(&table);
	table.calls = &calls;
	rf_engine_publish(&table);
}
