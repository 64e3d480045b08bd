#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""lib/mpi/mpi.api against the libmpi that it describes: no function and no object more or less.

    test_exports.t      RF_LIBMPI, RF_SHIM (and RF_MPI_API) say where they are
"""
import os
import re
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
API = os.environ.get("RF_MPI_API", os.path.join(TOP, "lib/mpi/mpi.api"))
sys.path.insert(0, os.path.dirname(API))
sys.dont_write_bytecode = True
import generate  # pylint: disable=import-error,wrong-import-position

# by MPI's rules for names; the rest that libmpi exports are functions of its own
FUNCTION = re.compile(r"P?MPIX?_(T_[a-z]\w*|[A-Z][a-z]\w*)$|OMPI_Affinity_str$")
OBJECT = re.compile(r"ompi_(mpi|request|message)_\w+$")
NO_OBJECTS = {"ompi_mpi_unavailable"}  # behind no handle


def symbols(library):
    """Name -> (type, size in bytes, address) of what a library exports."""
    out = subprocess.run(["readelf", "-W", "--dyn-syms", library], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in out.splitlines():
        words = line.split()
        if len(words) >= 8 and words[0].rstrip(":").isdigit() and words[6] != "UND":
            if words[4] in ("GLOBAL", "WEAK") and words[5] == "DEFAULT":
                name = words[7].split("@")[0]
                found[name] = (words[3], int(words[2], 0), int(words[1], 16))
    return found


def main():
    api = generate.Api(API)
    libmpi = symbols(os.environ["RF_LIBMPI"])
    shim = symbols(os.environ["RF_SHIM"])
    described = {f.name for f in api.functions}
    both = described | {"P" + name for name in described - generate.NO_PMPI}
    exported = {n for n, (kind, _, _) in libmpi.items() if kind == "FUNC" and FUNCTION.match(n)}
    bindings = {name for name, _, _ in api.bindings}  # of libmpi_mpifh and its like
    objects = {name for _, name in api.objects}
    # a predefined object of mpi.h has at least 256 bytes, which no other data of that name has
    data = {n for n, (kind, size, _) in libmpi.items() if kind == "OBJECT" and size >= 256 and
            OBJECT.match(n)} - NO_OBJECTS - {"ompi_message_free_list"}
    apart = {n for n in described - generate.NO_PMPI if libmpi.get(n, (0, 0, 0))[2] !=
             libmpi.get("P" + n, (0, 0, 1))[2]}
    results = [
        ("every MPI_ and PMPI_ function of libmpi is described", exported - both),
        ("every described function is in libmpi", both - exported),
        ("every described function is exported by the shim", both - set(shim)),
        ("the shim exports no MPI function that libmpi does not",
         {n for n in shim if FUNCTION.match(n)} - exported - bindings),
        ("MPI_X and PMPI_X are one function in libmpi", apart),
        ("every predefined object of libmpi is described", data - objects),
        ("every described object is in libmpi", objects - data),
        ("no function is described twice",
         {f.name for f in api.functions if [g.name for g in api.functions].count(f.name) > 1}),
    ]
    print(f"1..{len(results)}")
    for number, (what, wrong) in enumerate(results, 1):
        print(f"{'not ' if wrong else ''}ok {number} - {what}")
        for name in sorted(wrong):
            print(f"#   {name}")
    if not described or not data:
        sys.exit("nothing was compared")
    sys.exit(any(wrong for _, wrong in results))


main()
