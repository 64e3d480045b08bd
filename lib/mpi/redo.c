/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/redo.h"

#include "mpi/names.h"
#include "mpi/redo_frame.h"
#include "mpi/start.h"

/* What the entry finds when it is called; at these offsets in the assembly below. */
struct registers {
	unsigned long rdi, rsi, rdx, rcx, r8, r9;
	unsigned long r15, r14, r13, r12, rbx, rbp;
	void *rsp;
	void (*entry)(void);
};

__attribute__((noreturn, visibility("hidden"))) void
rf_redo_jump(const struct registers *registers);

__asm__(".text\n"
	"	.globl rf_redo_jump\n"
	"	.hidden rf_redo_jump\n"
	"	.type rf_redo_jump, @function\n"
	"rf_redo_jump:\n"
	"	mov %rdi,%rax\n"
	"	mov 0(%rax),%rdi\n"
	"	mov 8(%rax),%rsi\n"
	"	mov 16(%rax),%rdx\n"
	"	mov 24(%rax),%rcx\n"
	"	mov 32(%rax),%r8\n"
	"	mov 40(%rax),%r9\n"
	"	mov 48(%rax),%r15\n"
	"	mov 56(%rax),%r14\n"
	"	mov 64(%rax),%r13\n"
	"	mov 72(%rax),%r12\n"
	"	mov 80(%rax),%rbx\n"
	"	mov 88(%rax),%rbp\n"
	"	mov 104(%rax),%r11\n"
	"	mov 96(%rax),%rsp\n" /* last: what lies below it may be overwritten at any time */
	"	jmp *%r11\n"
	"	.size rf_redo_jump, .-rf_redo_jump\n");

/* The call that wrote thread->redo; its C function's return address lies below. */
static const struct rf_redo_entry *find_entry(const struct rf_thread *thread)
{
	const char *back = thread->redo ? ((char **)thread->redo)[-1] : NULL;

	for (int i = 0; i < rf_redo_entries; i++)
		if (rf_redo_entry[i].back == back)
			return &rf_redo_entry[i];
	return NULL;
}

static const struct rf_redo_entry *entry_of(const struct rf_thread *thread)
{
	const struct rf_redo_entry *entry = find_entry(thread);

	if (!entry)
		rf_shim_die("a call that is to be made again is not known");
	return entry;
}

static struct rf_redo_frame *frame_of(const struct rf_thread *thread,
				      const struct rf_redo_entry *entry)
{
	return (struct rf_redo_frame *)((unsigned long *)thread->redo + entry->room);
}

/* Arguments by their numbers, from 0. */
static unsigned long argument(const struct rf_redo_frame *frame, int i)
{
	return i < 6 ? frame->argument[5 - i] : frame->more[i - 6];
}

/* Which arguments of a call are those of MPI_Recv, in its order; -1: none. */
static const struct receive {
	enum rf_function_index function;
	signed char argument[7];
} receives[] = {
	{RF_INDEX_MPI_Recv, {0, 1, 2, 3, 4, 5, 6}},
	{RF_INDEX_MPI_Mprobe, {-1, -1, -1, 0, 1, 2, -1}},
	{RF_INDEX_MPI_Sendrecv, {5, 6, 7, 8, 9, 10, 11}},
	{RF_INDEX_MPI_Sendrecv_replace, {0, 1, 2, 5, 6, 7, 8}},
};

static const struct receive *receive_of(enum rf_function_index function)
{
	for (size_t i = 0; i < sizeof(receives) / sizeof(*receives); i++)
		if (receives[i].function == function)
			return &receives[i];
	return NULL;
}

void rf_redo(void)
{
	struct rf_thread *thread = rf_gate_self_get();
	const struct rf_redo_entry *entry;
	const struct receive *receive;
	struct rf_redo_frame *frame;
	struct registers registers;

	if (thread->waits != RF_IN_REDO)
		rf_shim_die("a thread was to make a call again that it is not in");
	entry = entry_of(thread);
	frame = frame_of(thread, entry);
	registers = (struct registers){
		.rdi = frame->argument[5],
		.rsi = frame->argument[4],
		.rdx = frame->argument[3],
		.rcx = frame->argument[2],
		.r8 = frame->argument[1],
		.r9 = frame->argument[0],
		.r15 = frame->saved[0],
		.r14 = frame->saved[1],
		.r13 = frame->saved[2],
		.r12 = frame->saved[3],
		.rbx = frame->saved[4],
		.rbp = frame->saved[5],
		.rsp = &frame->back,
		.entry = entry->function_entry,
	};
	if (entry->function == RF_INDEX_MPI_Sendrecv ||
	    entry->function == RF_INDEX_MPI_Sendrecv_replace) {
		receive = receive_of(entry->function);
		registers.rdi = argument(frame, receive->argument[0]);
		registers.rsi = argument(frame, receive->argument[1]);
		registers.rdx = argument(frame, receive->argument[2]);
		registers.rcx = argument(frame, receive->argument[3]);
		registers.r8 = argument(frame, receive->argument[4]);
		registers.r9 = argument(frame, receive->argument[5]);
		/* arguments in memory belong to the function that is called (the x86-64 ABI) */
		frame->more[0] = argument(frame, receive->argument[6]);
		registers.entry = (void (*)(void))rf_MPI_Recv;
	}
	thread->waits = RF_OUTSIDE;
	thread->callbacks--; /* the hook */
	rf_redo_jump(&registers);
}

const char *rf_redo_function_of(const struct rf_thread *thread)
{
	const struct rf_redo_entry *entry = find_entry(thread);

	return entry ? rf_function_name[entry->function].mpi : NULL;
}

const char *rf_redo_function(const struct rf_thread *thread)
{
	return rf_function_name[entry_of(thread)->function].mpi;
}

int rf_redo_receive(const struct rf_thread *thread, struct rf_state_blocked *call)
{
	const struct rf_redo_entry *entry = entry_of(thread);
	const struct receive *receive = receive_of(entry->function);
	const struct rf_redo_frame *frame = frame_of(thread, entry);
	const signed char *place;

	if (!receive)
		return 0;
	place = receive->argument;
	*call = (struct rf_state_blocked){
		.buffer = place[0] < 0 ? NULL : (void *)argument(frame, place[0]),
		.count = place[1] < 0 ? 0 : (int)argument(frame, place[1]),
		.datatype = place[2] < 0 ? NULL : (void *)argument(frame, place[2]),
		.source = (int)argument(frame, place[3]),
		.tag = (int)argument(frame, place[4]),
		.comm = (void *)argument(frame, place[5]),
	};
	return 1;
}
