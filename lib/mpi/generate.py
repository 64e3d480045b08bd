#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes C from mpi.api: generate.py mpi.api OUTPUT, where OUTPUT is one of

    api.h        functions of the engine's table, predefined objects, the shim's implementations
    wrappers.c   the implementations that are not hand-written
    redo_entry.c the entries of calls that can be made again
    fast_entry.c short ways for calls whose cost matters
    entry.c      what the shim exports: MPI_X and PMPI_X, and the tables they jump through
    names.c      names of functions and objects, for looking them up
    engine.c     fills the engine's table
"""
import os
import re
import sys

sys.dont_write_bytecode = True
import fast  # pylint: disable=wrong-import-position

KINDS = {
    "MPI_Comm": "RF_COMM",
    "MPI_Group": "RF_GROUP",
    "MPI_Datatype": "RF_DATATYPE",
    "MPI_Op": "RF_OP",
    "MPI_Info": "RF_INFO",
    "MPI_Errhandler": "RF_ERRHANDLER",
    "MPI_Win": "RF_WIN",
    "MPI_File": "RF_FILE",
    "MPI_Request": "RF_REQUEST",
    "MPI_Message": "RF_MESSAGE",
}
COUNTING = {"MPI_Comm", "MPI_Win", "MPI_File"}
OWN = {"MPI_Request", "MPI_Message"}  # the engine's own pointers, see handle.h
CLASSES = {"local", "send", "recv", "probe", "persistent", "start", "complete", "collective",
           "icollective", "rma", "sync", "io"}
NO_PMPI = {"MPIX_Query_cuda_support", "OMPI_Affinity_str"}  # exported by one name only


class Argument:
    pattern = re.compile(r"(?:(out|inout|free) )?(const )?(\w+) (\**)(\w+)((?:\[\w*\])*)$")

    def __init__(self, text):
        match = self.pattern.match(text)
        if not match:
            raise ValueError(f"cannot read argument '{text}'")
        self.way, const, self.type, self.stars, self.name, self.array = match.groups()
        self.const = const or ""
        self.handle = self.type in KINDS
        if self.handle and self.array == "[]":
            self.way = "opaque"  # only hand-written wrappers know how long it is

    def declaration(self):
        array = re.sub(r"\[[a-z]\w*\]", "[]", self.array)
        return f"{self.const}{self.type} {self.stars}{self.name}{array}"


class Function:
    pattern = re.compile(r"(\w+) (\w+)\((.*)\)$")

    def __init__(self, prototype, words):
        match = self.pattern.match(prototype)
        if not match:
            raise ValueError(f"cannot read '{prototype}'")
        self.result, self.name, arguments = match.groups()
        self.variadic = arguments.endswith("...")
        if arguments == "void":
            arguments = ""
        self.arguments = [Argument(a) for a in arguments.split(", ") if a and a != "..."]
        self.special = self.early = self.redo = self.fast = False
        self.classes = []
        for word in words.split():
            plain = re.sub(r"\(.*", "", word)
            if plain == "special":
                self.special = True
            elif plain == "early":
                self.early = True
            elif plain == "redo":
                self.redo = True
            elif plain == "fast":
                self.fast = True
            elif plain in CLASSES:
                self.classes.append(word)
            else:
                raise ValueError(f"{self.name}: unknown property '{word}'")
        if not self.classes:
            raise ValueError(f"{self.name}: no class")

    def collective(self):
        """Is it one, by its counter or without."""
        return any(re.match("i?collective", c) for c in self.classes)

    def counted(self):
        """The argument that counts a collective: its first communicator, window or file."""
        if "collective" not in self.classes and "icollective" not in self.classes:
            return None
        return next(a for a in self.arguments if a.type in COUNTING and a.way in (None, "free"))

    def parameters(self):
        declared = [a.declaration() for a in self.arguments] + ["..."] * self.variadic
        return ", ".join(declared) or "void"


class Api:
    """mpi.api, read."""

    def __init__(self, path):
        self.functions, self.objects = [], []  # objects: (kind, name)
        self.bindings = []  # (exported name, name of the original, name of the implementation)
        prototype, section = "", ""
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                text = line.strip()
                if not text or text.startswith("#"):
                    continue
                try:
                    if text.startswith("["):
                        section = text
                    elif section == "[Predefined objects]":
                        self.add_objects(line)
                    elif section == "[Fortran]":
                        for name in text.split():
                            self.add_fortran(name)
                    elif section == "[Internal functions]":
                        self.bindings += [(name, name, f"rf_{name}") for name in text.split()]
                    elif text.startswith(":"):
                        self.functions.append(Function(prototype, text[1:]))
                        prototype = ""
                    else:
                        prototype = (prototype + " " + text).strip()
                except ValueError as error:
                    sys.exit(f"{path}:{number}: {error}")
        if prototype:
            sys.exit(f"{path}: no properties for '{prototype}'")

    def add_objects(self, line):
        words = line.split()
        if not line[0].isspace():
            self.kind = words.pop(0)
            if self.kind not in KINDS:
                raise ValueError(f"unknown kind {self.kind}")
        self.objects += [(self.kind, word) for word in words]


    def add_fortran(self, name):
        """All names that libmpi_mpifh has for a function."""
        original = f"ompi_{name}_f"
        mixed = f"MPI_{name[0].upper()}{name[1:]}_f"
        names = [f"mpi_{name}", f"mpi_{name}_", f"mpi_{name}__", f"MPI_{name.upper()}", mixed,
                 f"{mixed}08"]
        names += [("p" if n[0] == "m" else "P") + n for n in names] + [original]
        self.bindings += [(n, original, f"rf_fortran_{name}") for n in names]


def fill(head, items, tail, indent="\t", width=100):
    """One statement over as many lines as it needs."""
    lines, line = [], indent.expandtabs(8) + head
    for i, item in enumerate(items):
        item += ", " if i + 1 < len(items) else tail
        if len(line.rstrip()) + len(item.rstrip()) > width - 1 and line.strip() != head.strip():
            lines.append(line.rstrip())
            line = indent.expandtabs(8) + " " * 16
        line += item
    if not items:
        line += tail
    lines.append(line.rstrip())
    return "\n".join(re.sub(r"^( {8})+", lambda m: "\t" * (len(m[0]) // 8), l) for l in lines)


HEADER = "/* SPDX-License-Identifier: BSD-3-Clause */\n/* Made by generate.py from mpi.api. */\n"


def api_h(api):
    yield HEADER
    yield "#ifndef RF_MPI_API_H\n#define RF_MPI_API_H\n"
    yield "enum rf_function_index {"
    yield from (f"\tRF_INDEX_{f.name}," for f in api.functions)
    yield "\tRF_FUNCTIONS\n};\n"
    yield "enum rf_object {"
    yield from (f"\tRF_OBJECT_{name}," for _, name in api.objects)
    yield "\tRF_OBJECTS\n};\n"
    yield f"#define RF_BINDINGS {len(api.bindings)} /* other names that the shim exports */\n"
    yield "/* What an engine publishes: functions, predefined objects, and engine_main.c's own. */"
    yield "struct rf_mpi_table {"
    for f in api.functions:
        yield fill(f"{f.result} (*{f.name})(", [a.declaration() for a in f.arguments] +
                   ["..."] * f.variadic or ["void"], ");")
    yield "\tvoid *object[RF_OBJECTS];"
    yield "\tconst struct rf_engine_calls *calls;\n};\n"
    yield "/* The implementations of MPI_X and PMPI_X. */"
    for f in api.functions:
        yield fill(f"{f.result} rf_{f.name}(", [a.declaration() for a in f.arguments] +
                   ["..."] * f.variadic or ["void"], ");", indent="")
    yield "\n#endif"


def inside(f):
    """The class of the call, in gate.h."""
    if f.collective():
        return "RF_IN_COLLECTIVE"
    if f.redo:
        return "RF_IN_REDO"
    if "send" in f.classes and not any(a.type == "MPI_Request" for a in f.arguments):
        return "RF_IN_SEND"
    return "RF_IN_OTHER"


def begin(f):
    """The macro that begins the call."""
    if f.collective():
        on = f.counted()
        handle = on.name if on and not on.way else f"{on.name} ? *{on.name} : NULL" if on else "NULL"
        return f"\tRF_BEGIN_COLLECTIVE({handle});"
    return f"\tRF_BEGIN({inside(f)});"


def wrapper(f):
    """The body of a wrapper: translate in, call, translate out."""
    before, after, passed, locals_ = [], [], [], []
    for a in f.arguments:
        kind = KINDS.get(a.type)
        if not a.handle:
            passed.append(a.name)
        elif a.way == "opaque":
            raise ValueError(f"{f.name}: length of {a.name} unknown")
        elif a.array and a.type in OWN:
            length = a.array[1:-1]
            locals_.append(f"{a.type} *real_{a.name};")
            before.append(f"\treal_{a.name} = rf_owns_in({a.name}, {length});")
            after.append(("always", f"rf_owns_out({a.name}, real_{a.name}, {length});"))
            passed.append(f"real_{a.name}")
        elif a.array:
            length = a.array[1:-1]
            locals_.append(f"void *few_{a.name}[RF_FEW], **real_{a.name};")
            before.append(f"\treal_{a.name} = rf_reals_begin({a.name}, {length}, few_{a.name});")
            after.append(("always", f"rf_reals_end(real_{a.name}, few_{a.name});"))
            passed.append(f"(void *)real_{a.name}")
        elif a.type in OWN and not a.way:
            passed.append(f"rf_own_in({a.name}, {kind})")
        elif a.type in OWN and a.way == "out":
            after.append(("always", f"if ({a.name})\n\t*{a.name} = rf_own_out(*{a.name}, {kind});"))
            passed.append(a.name)
        elif a.type in OWN:  # what the engine leaves as it is keeps the name that the application has
            locals_.append(f"{a.type} real_{a.name} = NULL, given_{a.name} = NULL;")
            before.append(f"\tif ({a.name})\n\t\treal_{a.name} = given_{a.name} = rf_own_in(*{a.name}, {kind});")
            after.append(("always", f"if ({a.name})\n"
                          f"\t*{a.name} = rf_own_back(*{a.name}, given_{a.name}, real_{a.name}, {kind});"))
            passed.append(f"{a.name} ? &real_{a.name} : NULL")
        elif not a.way:
            passed.append(f"rf_real({a.name})")
        else:
            if a.way == "out":
                locals_.append(f"{a.type} real_{a.name} = NULL;")
            else:
                locals_.append(f"{a.type} real_{a.name};")
                before.append(f"\treal_{a.name} = {a.name} ? rf_real(*{a.name}) : NULL;")
            passed.append(f"{a.name} ? &real_{a.name} : NULL")
            if a.way == "out":
                after.append(("success", f"if ({a.name})\n"
                              f"\t*{a.name} = rf_handle_out({kind}, real_{a.name});"))
            elif a.way == "free":
                after.append(("success", f"rf_handle_release(*{a.name});\n"
                              f"*{a.name} = rf_app_null({kind});"))
    result = "rc" if f.result == "int" else "ret"
    locals_.append(f"{f.result} {result};")
    lines = ["\t" + l for l in locals_] + ["", begin(f)] + before
    lines.append(fill(f"RF_ENGINE({result}, {f.name}(", passed, "));"))
    lines += [indented(code, 1) for when, code in after if when == "always"]
    success = [indented(code, 2) for when, code in after if when == "success"]
    if success:
        lines += ["\tif (rc == MPI_SUCCESS) {"] + success + ["\t}"]
    lines.append("\tRF_END();")
    if result == "ret":
        lines.append("\treturn ret;")
    else:
        lines.append("\treturn rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);")
    return lines


def indented(code, depth):
    return "\n".join("\t" * depth + line for line in code.split("\n"))


def wrappers_c(api):
    yield HEADER
    yield '#include "mpi/array.h"\n#include "mpi/collective.h"\n#include "mpi/request.h"'
    for f in api.functions:
        if f.special:
            continue
        parameters = [a.declaration() for a in f.arguments] or ["void"]
        name = f"rf_{f.name}"
        if f.redo:  # behind its entry in redo_entry.c
            name = f"rf_once_{f.name}"
            yield "\n" + fill(f"{f.result} {name}(", parameters, ");", indent="")
        yield "\n" + fill(f"{f.result} {name}(", parameters, ")", indent="")
        yield "{"
        yield from wrapper(f)
        yield "}"


def redo_entry_c(api):
    """
    rf_MPI_X of a call that can be made again, in assembly. Its frame has, from thread->redo upwards:
    room, the arguments in registers (the last first), the callee-saved registers (r15 first), and the
    return address. What the call is, is known by the address that it returns to.
    """
    yield HEADER
    yield '#include "mpi/redo_frame.h"'
    calls = [f for f in api.functions if f.redo]
    for f in calls:
        memory = max(len(f.arguments) - 6, 0)  # arguments; 12 registers and an address are pushed
        room = memory + (13 + memory) % 2
        offset = 8 * (12 + room)
        yield f"\nRF_REDO_BEGIN({f.name})"
        if room > memory:
            yield "RF_REDO_PAD"
        yield from (f"RF_REDO_ARGUMENT({offset})" for _ in range(memory))
        yield f"RF_REDO_END({f.name}, {8 * room})"
    yield ""
    ways = [(f, f.name) for f in calls]
    ways += [(f, p + f.name) for f in calls if f.fast for p in ("fast_", "fast_P")]
    for f, way in ways:
        if way != f.name:
            yield f'extern const char rf_redo_return_{way}[] __attribute__((visibility("hidden")));'
    yield "\nconst struct rf_redo_entry rf_redo_entry[] = {"
    for f, way in ways:
        room = max(len(f.arguments) - 6, 0)
        room += (13 + room) % 2
        yield (f"\t{{RF_INDEX_{f.name}, {room}, rf_redo_return_{way}, "
               f"(void (*)(void))rf_{f.name}}},")
    yield f"}};\n\nconst int rf_redo_entries = {len(ways)};"


def fast_entry_c(api):
    """See fast.py."""
    yield HEADER
    yield from fast.file(api, inside)


ENTRY_MACROS = r"""
/*
 * What the shim exports: stubs of 16 bytes, which jump through a table. At first the table leads to
 * the rest of the stub, which tells rf_entry_resolve() (dispatch.c) its number.
 */
#define STUB(table, index, number)                                                                  \
	"1:\tjmp *rf_entry_" #table "+8*" #index "(%rip)\n"                                         \
	"2:\t.byte 0x68\n\t.long " #number "\n"        /* push $number, in 5 bytes */              \
	"\t.byte 0xe9\n\t.long rf_entry_resolve-.-4\n" /* jmp rf_entry_resolve, in 5 bytes */       \
	"\t.section .data.rf_entry_" #table ", \"aw\"\n\t.quad 2b\n\t.text\n"
#define ENTRY(name, table, index, number)                                                           \
	__asm__(".text\n\t.globl " #name "\n\t.type " #name ", @function\n" #name ":\n"              \
		STUB(table, index, number) "\t.size " #name ", 16\n");
/* The place of a function that is not exported here. */
#define HOLE(table, index, number) __asm__(".text\n" STUB(table, index, number));
#define TABLE(table)                                                                                \
	__asm__(".section .data.rf_entry_" #table ", \"aw\"\n\t.p2align 6\n"                        \
		"\t.globl rf_entry_" #table "\n\t.hidden rf_entry_" #table "\n"                       \
		"rf_entry_" #table ":\n\t.text\n\t.p2align 6\n"                                      \
		"\t.globl rf_stub_" #table "\n\t.hidden rf_stub_" #table "\n"                         \
		"rf_stub_" #table ":\n");
"""


def entry_c(api):
    yield HEADER + ENTRY_MACROS
    for table, pmpi in (("mpi", 0), ("pmpi", 1)):
        yield f"TABLE({table})"
        for i, f in enumerate(api.functions):
            if f.fast:  # exported by fast_entry.c
                yield f"HOLE({table}, {i}, {2 * i + pmpi})"
            elif pmpi and f.name in NO_PMPI:
                yield f"HOLE({table}, {i}, {2 * i + pmpi})"
            else:
                yield f"ENTRY({'P' * pmpi}{f.name}, {table}, {i}, {2 * i + pmpi})"
    yield "TABLE(binding)"
    for i, (name, _, _) in enumerate(api.bindings):
        # numbered after the functions
        yield f"ENTRY({name}, binding, {i}, {2 * len(api.functions) + i})"


def names_c(api):
    yield HEADER
    yield '#include "mpi/binding.h"\n#include "mpi/fortran.h"\n#include "mpi/names.h"\n'
    yield "const struct rf_function_name rf_function_name[RF_FUNCTIONS] = {"
    for f in api.functions:
        pmpi = "NULL" if f.name in NO_PMPI else f'"P{f.name}"'
        yield f'\t{{"{f.name}", {pmpi}, (void (*)(void))rf_{f.name}, {int(f.early)}}},'
    yield "};\n"
    yield "const struct rf_object_name rf_object_name[RF_OBJECTS] = {"
    yield from (f'\t{{"{name}", {KINDS[kind]}}},' for kind, name in api.objects)
    yield "};\n"
    yield "const struct rf_binding_name rf_binding_name[RF_BINDINGS] = {"
    yield from (f'\t{{"{name}", "{original}", (void (*)(void)){implementation}}},'
                for name, original, implementation in api.bindings)
    yield "};"


def engine_c(api):
    yield HEADER
    yield '#include "mpi/engine_table.h"\n'
    # by other names in C, since mpi.h declares some, with types of its own
    yield from (f'extern char object_{name}[] __asm__("{name}");' for _, name in api.objects)
    yield "\nvoid rf_table_fill(struct rf_mpi_table *table)\n{"
    for f in api.functions:
        name = f.name if f.name in NO_PMPI else "P" + f.name
        yield f"\ttable->{f.name} = {name};"
    yield from (f"\ttable->object[RF_OBJECT_{name}] = object_{name};"
                for _, name in api.objects)
    yield "}"


OUTPUTS = {"api.h": api_h, "wrappers.c": wrappers_c, "redo_entry.c": redo_entry_c,
           "fast_entry.c": fast_entry_c,
           "entry.c": entry_c, "names.c": names_c, "engine.c": engine_c}


def main():
    if len(sys.argv) != 3 or os.path.basename(sys.argv[2]) not in OUTPUTS:
        sys.exit(__doc__)
    text = "\n".join(OUTPUTS[os.path.basename(sys.argv[2])](Api(sys.argv[1]))) + "\n"
    with open(sys.argv[2] + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(sys.argv[2] + ".new", sys.argv[2])


if __name__ == "__main__":
    main()
