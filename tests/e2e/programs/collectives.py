#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""
collectives.py MPI_API >collectives.c: a program of two ranks that calls every collective of mpi.api and
checks that it is counted, once, on the handle that it is called on, and nowhere else; those that
nothing counts, that they are not. The arguments are such that the engine refuses most calls: a
wrapper counts before the engine looks at them.
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[1])))
import generate  # pylint: disable=import-error,wrong-import-position

HANDLES = {"MPI_Comm": "comm", "MPI_Win": "win", "MPI_File": "file"}
NULLS = {"MPI_Comm": "MPI_COMM_NULL", "MPI_Win": "MPI_WIN_NULL", "MPI_File": "MPI_FILE_NULL",
         "MPI_Datatype": "MPI_DATATYPE_NULL", "MPI_Op": "MPI_OP_NULL", "MPI_Info": "MPI_INFO_NULL",
         "MPI_Group": "MPI_GROUP_NULL"}
FILE = {"count": "0", "datatype": "MPI_BYTE", "offset": "0"}
APART = {"MPI_Init", "MPI_Init_thread", "MPI_Finalize",  # main() makes these
         "MPI_Comm_join"}  # of two processes that are in no communicator together

HEAD = r"""
#include <dlfcn.h>
#include <mpi.h>
#include <mpi-ext.h>
#include <stdio.h>
#include <stdlib.h>

#include "mpi/direct.h"

static const struct rankferry_parts *parts;
static MPI_Comm comm, null_comm, out_comm;
static MPI_Win win, null_win, out_win;
static MPI_File file, null_file, out_file;
static MPI_Request out_request;
static void *out_pointer;
static int ints[64];
static int failures;

/* Over all handles that could count the call. */
static uint64_t sum(void)
{
	return *parts->collectives(comm) + *parts->collectives(win) + *parts->collectives(file) +
	       *parts->collectives(MPI_COMM_NULL) + *parts->collectives(MPI_WIN_NULL) +
	       *parts->collectives(MPI_FILE_NULL) + *parts->collectives(MPI_COMM_WORLD) +
	       *parts->collectives(MPI_COMM_SELF);
}

static void before(void)
{
	null_comm = MPI_COMM_NULL;
	null_win = MPI_WIN_NULL;
	null_file = MPI_FILE_NULL;
	out_request = MPI_REQUEST_NULL;
}

static void judge(const char *name, uint64_t on, uint64_t all, int wanted)
{
	if (on == (uint64_t)wanted && all == (uint64_t)wanted && !parts->inside())
		return;
	fprintf(stderr, "%s: counted %lu times on its handle and %lu in all, not %d; inside %d\n", name,
		(unsigned long)on, (unsigned long)all, wanted, parts->inside());
	failures++;
}

"""

TAIL = r"""
	uint64_t world = *parts->collectives(MPI_COMM_WORLD);
	MPI_Finalize();
	judge("MPI_Finalize", *parts->collectives(MPI_COMM_WORLD) - world, 1, 1);
	printf("%d calls\n", calls);
	return failures != 0;
}
"""


def argument(f, a):
    if f.name.startswith("MPI_File_") and a.name in FILE:  # the split ones must begin well, to end
        return FILE[a.name]
    if a.way == "free":
        return f"&null_{HANDLES[a.type]}"
    if a.way == "out":
        return {"MPI_Comm": "&out_comm", "MPI_Win": "&out_win", "MPI_File": "&out_file",
                "MPI_Request": "&out_request"}[a.type]
    if a.type in HANDLES and not a.stars:
        return HANDLES[a.type]
    if a.name == "filename":
        return '"/dev/null/none"'
    if a.name in ("command", "port_name", "datarep"):
        return '"none"'
    if a.name == "baseptr":
        return "&out_pointer"
    if a.type == "int" and (a.stars or a.array):
        return "ints"
    if a.stars or a.array:
        return "NULL"
    return NULLS.get(a.type, "-1")


def main():
    api = generate.Api(sys.argv[1])
    calls = [f for f in api.functions if f.collective() and f.name not in APART]
    print(HEAD)
    print("int main(int argc, char **argv)\n{")
    print("\tconst struct rankferry_direct *(*find)(void);\n\tuint64_t on, all;\n\tint calls = 0;\n")
    print("\tMPI_Init(&argc, &argv);")
    print('\t*(void **)&find = dlsym(RTLD_DEFAULT, "rankferry_direct");')
    print("\tif (!find)\n\t\treturn 2;\n\tparts = find()->parts;")
    print("\tfor (int i = 0; i < 64; i++)\n\t\tints[i] = -1;")
    print("\tMPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);")
    print("\tMPI_Comm_dup(MPI_COMM_WORLD, &comm);")
    print("\tif (MPI_Win_create(&win, sizeof(win), 1, MPI_INFO_NULL, comm, &win))\n\t\treturn 2;")
    print("\tMPI_Win_set_errhandler(win, MPI_ERRORS_RETURN);")
    print('\tif (MPI_File_open(comm, argv[1], MPI_MODE_CREATE | MPI_MODE_RDWR, MPI_INFO_NULL, &file))'
          '\n\t\treturn 2;')
    for f in calls:
        on = f.counted()
        if on:
            handle = NULLS[on.type] if on.way == "free" else HANDLES[on.type]
        else:
            handle = "comm"
        print(f"\tbefore();\n\ton = *parts->collectives({handle});\n\tall = sum();")
        print(f"\t{f.name}({', '.join(argument(f, a) for a in f.arguments)});")
        print(f'\tjudge("{f.name}", *parts->collectives({handle}) - on, sum() - all, {int(bool(on))});')
        print("\tif (out_request != MPI_REQUEST_NULL)\n\t\tMPI_Request_free(&out_request);")
        print("\tcalls++;")
    print(TAIL)


main()
