#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""
What rankferry costs a program that is not being moved: the same work plain and wrapped, on this machine.

In one process: micro calls the engine's functions past the shim and through it, in turns of some 50 µs.
In whole runs: plain and wrapped jobs take turns. Figures are medians over all pairs of neighbouring
batches or runs, with quartiles; a cost is called measurable only if the 95 % confidence interval of its
median (by order statistics) leaves out 0; the interval is shown if not. Prints a table in Markdown; --json writes all of it.
"""
import argparse
import datetime
import json
import math
import os
import platform
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAMMPS_INPUT = os.path.join(HERE, "..", "e2e", "programs", "lammps", "in.melt")

# name in micro's output: (what the table calls it, unit, value in that unit from ns, most it may cost in %)
MICRO = {
    "latency_8B": ("8 B one-way latency", "ns", lambda ns: ns, 2.0),
    "transfer_1MiB": ("1 MiB bandwidth", "MB/s", lambda ns: 2**20 * 1e3 / ns, 0.0),
    "message_window64": ("message, window of 64", "ns", lambda ns: ns, 3.0),
    "allreduce_8B": ("Allreduce 8 B", "ns", lambda ns: ns, 1.0),
    "allreduce_64KiB": ("Allreduce 64 KiB", "µs", lambda ns: ns / 1e3, 1.0),
    "comm_rank": ("MPI_Comm_rank", "ns", lambda ns: ns, None),
}
LATENCY_NS = 5.0


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def median_interval(values):
    """The 95 % confidence interval of the median, from the order statistics (binomial, exact)."""
    ordered, n = sorted(values), len(values)
    below, rank = 0.0, 0
    while rank < n // 2:
        below += math.comb(n, rank) / 2**n
        if below > 0.025:
            break
        rank += 1
    if rank == 0:
        return -math.inf, math.inf
    return ordered[rank - 1], ordered[n - rank]


def compare(pairs):
    """pairs: [(plain, wrapped)], in one unit."""
    ratios = [wrapped / plain for plain, wrapped in pairs]
    differences = [wrapped - plain for plain, wrapped in pairs]
    low, high = median_interval(ratios)
    return {
        "pairs": len(pairs),
        "plain": statistics.median(p for p, _ in pairs),
        "wrapped": statistics.median(w for _, w in pairs),
        "difference": statistics.median(differences),
        "difference_quartiles": quartiles(differences),
        "ratio": statistics.median(ratios),
        "ratio_quartiles": quartiles(ratios),
        "ratio_interval": (low, high),
        "measurable": not low <= 1 <= high,
    }


def run(command, limit):
    """Standard output and seconds of a job; ends the whole measurement if the job fails."""
    start = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        sys.exit(f"bench: not ended after {limit} s: {' '.join(command)}")
    seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(f"bench: exit code {done.returncode}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout, seconds


def micro_lines(text):
    for line in text.splitlines():
        name, *figures = line.split()
        yield name, [float(f) for f in figures]


def in_process(options, mpirun):
    pairs = {name: [] for name in MICRO}
    for _ in range(options.rounds):
        text, _ = run(options.wrap + mpirun + ["-n", "2", options.micro, "direct", str(options.batches)], 300)
        for name, figures in micro_lines(text):
            if name in pairs:
                pairs[name].append(tuple(figures))
    return {name: compare(found) for name, found in pairs.items()}


def take_turns(options, measure):
    """measure(prefix) -> {name: figure}; plain and wrapped in turns, the order changing each time."""
    pairs = {}
    for turn in range(options.rounds * 2):
        prefixes = [("plain", []), ("wrapped", options.wrap)]
        found = {kind: measure(prefix) for kind, prefix in (prefixes if turn % 2 == 0 else prefixes[::-1])}
        for name, figure in found["plain"].items():
            pairs.setdefault(name, []).append((figure, found["wrapped"][name]))
    return {name: compare(found) for name, found in pairs.items()}


def whole_runs(options, mpirun):
    def measure(prefix):
        text, _ = run(prefix + mpirun + ["-n", "2", options.micro, str(options.batches)], 300)
        figures = {}
        for name, values in micro_lines(text):
            figures.setdefault(name, []).append(values[0])
        result = {name: statistics.median(values) for name, values in figures.items()}
        result["init_finalize"] = result.pop("init") + result.pop("finalize")
        _, seconds = run(prefix + mpirun + ["-n", "2", options.micro, "0"], 300)
        result["job"] = seconds * 1e9
        return result

    return take_turns(options, measure)


def lammps(options, mpirun):
    def measure(prefix):
        text, _ = run(prefix + mpirun + ["-n", "2", "-x", "OMP_NUM_THREADS=1", "lmp", "-in", LAMMPS_INPUT, "-log", "none",
                                         "-var", "n", "20", "-var", "steps", str(options.lammps_steps)], 900)
        return {"lammps": float(re.search(r"^Loop time of ([0-9.e+-]+) on 2 procs", text, re.M).group(1)) * 1e9}

    return take_turns(options, measure)


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        info = file.read()
    with open("/etc/os-release", encoding="utf-8") as file:
        system = dict(line.rstrip().split("=", 1) for line in file if "=" in line)["PRETTY_NAME"].strip('"')
    version = subprocess.run(["mpirun", "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": re.search(r"model name\s*: (.*)", info).group(1),
        "cores": len(os.sched_getaffinity(0)),
        "virtual": " hypervisor " in info.replace("\n", " "),
        "system": system,
        "kernel": platform.release(),
        "mpi": re.search(r"\(Open MPI\) (\S+)", version).group(1),
        "load": os.getloadavg()[0],
    }


def verdict(found, limit, absolute=None):
    """In words: is the cost within its target? limit in %, absolute in the unit of the figures."""
    if not found["measurable"]:
        low, high = ((bound - 1) * 100 for bound in found["ratio_interval"])
        return f"not measurable ({low:+.1f} to {high:+.1f} %)"
    if found["difference"] <= 0:
        return "no cost"
    if limit is None and absolute is None:
        return ""
    fits = (limit is None or found["ratio"] <= 1 + limit / 100) and (absolute is None or found["difference"] <= absolute)
    return "in target" if fits else "over target"


def row(name, unit, found, scale, target, word, inverse=False):
    def number(ns, sign=""):
        return f"{scale(ns):{sign}.3g}" if abs(scale(ns)) < 100 else f"{scale(ns):{sign}.0f}"

    difference = "" if inverse else f"{number(found['difference'], '+')} {unit}"
    low, high = found["ratio_quartiles"]
    return (f"| {name} | {number(found['plain'])} {unit} | {number(found['wrapped'])} {unit} | {difference} "
            f"| {(found['ratio'] - 1) * 100:+.1f} % | {(low - 1) * 100:+.1f} to {(high - 1) * 100:+.1f} % | {target} | {word} |")


def table(results):
    about = results["machine"]
    yield (f"Measured on {about['date']}: {about['cores']} cores of {about['cpu']}"
           f"{', a virtual machine' if about['virtual'] else ''}; {about['system']}, Linux {about['kernel']}, "
           f"Open MPI {about['mpi']}; load average at the start {about['load']:.1f}. 2 ranks, one core each.")
    heading = ["| what | plain | rankferry | difference | cost | quartiles of the cost | target | |",
               "|---|---|---|---|---|---|---|---|"]
    for key, title in (("in_process", "In one process"), ("whole_runs", "In whole runs")):
        if key not in results:
            continue
        yield f"\n{title} ({next(iter(results[key].values()))['pairs']} pairs):\n"
        yield from heading
        for name, (label, unit, scale, limit) in MICRO.items():
            absolute = LATENCY_NS if name == "latency_8B" else None
            target = {None: "", 0.0: "not measurable"}.get(limit, f"{limit:g} %" if limit else "")
            if absolute:
                target = f"{absolute:g} ns and {target}"
            found = results[key][name]
            yield row(label, unit, found, scale, target, verdict(found, limit, absolute), inverse=unit == "MB/s")
    for name, label in (("init_finalize", "MPI_Init + MPI_Finalize"), ("job", "a whole job that does nothing else")):
        found = results["whole_runs"][name]
        limit = 100e6 if name == "job" else None
        yield row(label, "ms", found, lambda ns: ns / 1e6, "100 ms" if limit else "", verdict(found, None, limit))
    if "lammps" in results:
        found = results["lammps"]["lammps"]
        yield row("LAMMPS melt, 32000 atoms", "s", found, lambda ns: ns / 1e9, "0.5 %", verdict(found, 0.5))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--micro", required=True, help="the program micro")
    parser.add_argument("--wrap", default="rankferry run", help="what stands before mpirun [%(default)s]")
    parser.add_argument("--rounds", type=int, default=10, help="runs of each kind [%(default)s]")
    parser.add_argument("--batches", type=int, default=400, help="batches of each test in a run [%(default)s]")
    parser.add_argument("--lammps-steps", type=int, default=300, help="0: without LAMMPS [%(default)s]")
    parser.add_argument("--no-direct", action="store_true", help="leave out the comparison in one process")
    parser.add_argument("--json", help="write all figures to this file")
    options = parser.parse_args()
    options.wrap = options.wrap.split()
    if os.geteuid() == 0:
        os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    mpirun = ["mpirun", "--bind-to", "core"]

    results = {"machine": machine()}
    if not options.no_direct:
        results["in_process"] = in_process(options, mpirun)
    results["whole_runs"] = whole_runs(options, mpirun)
    if options.lammps_steps:
        results["lammps"] = lammps(options, mpirun)
    print("\n".join(table(results)))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
