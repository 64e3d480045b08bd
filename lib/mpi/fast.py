# SPDX-License-Identifier: BSD-3-Clause
"""
Short ways through the shim, in assembly, for the calls that mpi.api marks as fast: MPI_X and PMPI_X
themselves do what rf_MPI_X in wrappers.c does if nothing is special, and jump through the table of
entry.c, with all arguments, if something is: no engine is loaded, a profiling tool has MPI_X, the gate
switches FS, the thread is not attached or to be interrupted (all of that by rf_gate_shortcut[]), a
collective may have to stop, a handle is NULL, a request is not the current engine's.

A compiler would put the tests for the special cases and what they need between the instructions of
the usual one; and a jump less is a jump less. As in the wrappers, the thread marks itself inside before
it translates, and outside after it has translated back.
"""

REGISTERS = ["rdi", "rsi", "rdx", "rcx", "r8", "r9"]
SAVED = ["rbp", "rbx", "r12", "r13", "r14", "r15"]

HEAD = r"""#include "mpi/redo_frame.h"
#include "mpi/request.h"

/* as the assembly has it */
_Static_assert(offsetof(struct rf_handle, real) == 0, "handle.h: real");
_Static_assert(offsetof(struct rf_handle, collectives) == %d, "handle.h: collectives");
_Static_assert(offsetof(struct rf_mpi_table, object) == %d, "api.h: object");
_Static_assert(RF_IN_OTHER == 1 && RF_IN_COLLECTIVE == 2 && RF_IN_REDO == 3 && RF_IN_SEND == 4,
	       "gate.h: enum rf_inside");
_Static_assert(RF_WINDOW_SIZE == 1ul << %d, "window.h: RF_WINDOW_SIZE");
"""

CLASSES = {"RF_IN_OTHER": 1, "RF_IN_COLLECTIVE": 2, "RF_IN_REDO": 3, "RF_IN_SEND": 4}
COLLECTIVES = 40  # offset in struct rf_handle
WINDOW_BITS = 36
REDO = 16  # offset in struct rf_thread; `inside` is at 0 and `generation` at 8


class Way:
    """The assembly of one function."""

    def __init__(self, api, f, pmpi):
        self.lines, self.pushed = [], 0
        self.f, self.pmpi = f, pmpi
        self.index = [g.name for g in api.functions].index(f.name)
        names = [name for _, name in api.objects]
        self.null = names.index("ompi_request_null")
        self.objects = 8 * len(api.functions)
        self.other = f"*rf_entry_{'p' * pmpi}mpi+{8 * self.index}(%rip)"

    def add(self, text):
        self.lines.append(text)

    def push(self, what):
        self.add(f"push {what}")
        self.moved(8)

    def room(self, size):
        if size:
            self.add(f"sub ${size},%rsp")
            self.moved(size)

    def moved(self, size):
        self.add(f".cfi_adjust_cfa_offset {size}")
        self.pushed += size

    def pop_all(self):
        self.add(f"add ${self.pushed},%rsp")
        self.moved(-self.pushed)

    def frame(self):
        """What rf_redo() needs: struct rf_redo_frame. Registers without an argument keep their room."""
        for name in SAVED:
            self.push(f"%{name}")
        used = min(len(self.f.arguments), 6)
        for name in REGISTERS[:used]:
            self.push(f"%{name}")
        self.room(8 * (6 - used))

    def arguments(self):
        """Where they are: (argument, register or None)."""
        places = REGISTERS + [None] * 12
        return list(zip(self.f.arguments, places))

    def make(self, inside, counted):
        f, memory = self.f, max(len(self.f.arguments) - 6, 0)
        handles = [(a, r) for a, r in self.arguments() if a.handle and not a.stars]
        requests = [(i, a, r) for i, (a, r) in enumerate(self.arguments()) if a.stars and a.handle]
        if (memory > 1 or len(requests) > 1 or any(r is None or a.array for a, r in handles) or
                any(a.type != "MPI_Request" or (a.way, r is None) not in (("out", True), ("inout", False))
                    for _, a, r in requests)):
            raise ValueError(f"{f.name}: no short way is known for such arguments")

        self.add("mov rf_gate_self@gottpoff(%rip),%rax")
        self.add("mov %fs:8(%rax),%r10")
        self.add(f"cmp rf_gate_shortcut+{8 * self.pmpi}(%rip),%r10")
        self.add("jne 4f")
        for _, register in handles:
            self.add(f"test %{register},%{register}")
            self.add("je 4f")
        for _, a, register in requests:
            if a.way == "inout":
                self.add(f"test %{register},%{register}")
                self.add("je 4f")
        self.add(f"movl ${CLASSES[inside]},%fs:(%rax)")
        if counted:
            counter = f"{COLLECTIVES}(%{dict((a.name, r) for a, r in handles)[counted.name]})"
            self.add(f"incq {counter}")
            self.add("cmpl $0,rf_pending(%rip)")
            self.add("jne 3f")
        for _, a, register in requests:
            if a.way == "inout":
                self.add(f"mov (%{register}),%r11")
                self.add("sub rf_own_window(%rip),%r11")
                self.add(f"shr ${WINDOW_BITS},%r11")
                self.add("jne 3f")
        if f.redo:
            self.frame()
        elif requests and requests[0][2]:
            self.push(f"%{requests[0][2]}")
        for _, register in handles:
            self.add(f"mov (%{register}),%{register}")
        entry = 8 + self.pushed  # where the arguments in memory begin
        if (self.pushed + 8 * memory) % 16 == 0:
            self.room(8)
            entry += 8
        for _ in range(memory):
            self.push(f"{entry}(%rsp)")
        if f.redo:
            self.add(f"mov %rsp,%fs:{REDO}(%rax)")
        self.add(f"call *rf_mpi+{8 * self.index}(%rip)")
        if f.redo:
            label = f"rf_redo_return_fast_{'P' * self.pmpi}{f.name}"
            self.add(f".globl {label}")
            self.add(f".hidden {label}")
            self.add(f"{label}:")
        for i, a, register in requests:
            if a.way == "inout":
                self.request_out(i)
        self.pop_all()
        self.add("mov rf_gate_self@gottpoff(%rip),%rdx")
        self.add("movl $0,%fs:(%rdx)")
        self.add("test %eax,%eax")
        self.add("jne 2f")
        self.add("ret")
        self.add("2:")
        # A request that was made is never the null one: a wait for it has other results. But
        # nobody knows what a call has left that failed.
        for _, a, register in requests:
            if a.way == "out":
                self.add("mov 8(%rsp),%rcx")
                self.add("test %rcx,%rcx")
                self.add("je 1f")
                self.exchange()
        self.add("mov %eax,%edi")
        self.add("jmp rf_error_deliver")
        if any(line.endswith("3f") for line in self.lines):
            self.add("3:")
            if counted:
                self.add(f"decq {counter}")
            self.add("movl $0,%fs:(%rax)")
        self.add(f"4: jmp {self.other}")
        return self.lines

    def request_out(self, i):
        """The engine's null request becomes the application's. The argument is in the frame."""
        # the frame's registers lie above the room for the call; without one it was pushed alone
        place = self.pushed - 8 * len(SAVED) - 8 * (i + 1) if self.f.redo else self.pushed - 8
        self.add(f"mov {place}(%rsp),%rcx")
        self.exchange()

    def exchange(self):
        self.add("mov (%rcx),%rdx")
        self.add(f"cmp rf_mpi+{self.objects + 8 * self.null}(%rip),%rdx")
        self.add("jne 1f")
        self.add(f"mov rf_app_object+{8 * self.null}(%rip),%rdx")
        self.add("mov %rdx,(%rcx)")
        self.add("1:")


def file(api, inside):
    yield HEAD % (COLLECTIVES, 8 * len(api.functions), WINDOW_BITS)
    for f, pmpi in [(f, pmpi) for f in api.functions if f.fast for pmpi in (0, 1)]:
        name = "P" * pmpi + f.name
        yield f'__asm__(".text\\n\t.p2align 5\\n\t.globl {name}\\n\t.type {name}, @function\\n"'
        yield f'\t"{name}:\\n\t.cfi_startproc\\n"'
        lines = Way(api, f, pmpi).make(inside(f), f.counted() if f.collective() else None)
        yield from (f'\t"\t{line}\\n"' for line in lines)
        yield f'\t"\t.cfi_endproc\\n\t.size {name}, .-{name}\\n");\n'
