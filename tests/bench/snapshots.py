#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""
Snapshots and restarts of a job against what the machine does in the same run: two ranks with random data, in memory
(tmpfs) and on disk; and eight ranks that exchange messages, which are stopped. Medians, and ratios. Prints a table in
Markdown.
"""
import argparse
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

WAIT = 300


def fail(what):
    sys.exit(f"snapshots: {what}")


class Job:
    """A job of ballast in the background, and what rank 0 tells."""

    def __init__(self, options, directory, arguments, name):
        self.rankferry, self.name, self.directory = options.rankferry, name, directory
        self.said = open(os.path.join(directory, "said"), "w+", encoding="ascii")
        self.began = time.monotonic()
        self.process = subprocess.Popen([options.rankferry, *arguments], stdin=subprocess.DEVNULL, stdout=self.said)

    def lines(self, word):
        self.said.flush()
        with open(self.said.name, encoding="ascii") as file:
            return [line.split() for line in file if line.startswith(word)]

    def wait(self, word, count=1):
        """Seconds until it has told that so often."""
        begin = time.monotonic()
        while len(self.lines(word)) < count:
            if self.process.poll() is not None or time.monotonic() - begin > WAIT:
                fail(f"{self.name}: '{word}' has not come")
            time.sleep(0.002)
        return time.monotonic() - begin

    def figures(self, word):
        return [float(figure) for _, figure in self.lines(word)]

    def ask(self, what):
        with open(os.path.join(self.directory, what), "w", encoding="ascii"):
            pass

    def snapshot(self, *arguments):
        begin = time.monotonic()
        done = subprocess.run([self.rankferry, "snapshot", "--json", *arguments, self.name], check=False,
                              capture_output=True, text=True, timeout=WAIT)
        if done.returncode:
            fail(done.stderr.strip())
        found = json.loads(done.stdout)
        return found | {"ms": (time.monotonic() - begin) * 1e3}

    def end(self):
        self.ask("end")
        try:
            if self.process.wait(WAIT):
                fail(f"{self.name} has ended with {self.process.returncode}")
        finally:
            os.unlink(os.path.join(self.directory, "end"))

    def kill(self):
        """Its ranks end by themselves then. The next job is asked through the same files: not before."""
        said = subprocess.run([self.rankferry, "status", "--json", self.name], check=True, capture_output=True, text=True,
                              timeout=WAIT).stdout
        ranks = [rank["pid"] for rank in json.loads(said)["ranks"]]
        self.process.kill()
        self.process.wait()
        begin = time.monotonic()
        while any(os.path.exists(f"/proc/{pid}") for pid in ranks):
            if time.monotonic() - begin > WAIT:
                fail(f"the ranks of {self.name} have not ended")
            time.sleep(0.01)


def row(what, value, target, good):
    return f"| {what} | {value} | {target} | {'in target' if good else 'over target'} |"


def quartiles(values):
    return f"{min(values):.0f} to {max(values):.0f}"


def ballast(options, where):
    """Rows for two ranks with options.mib each, in a directory of `where`."""
    directory = tempfile.mkdtemp(prefix="rf-bench.", dir=where)
    try:
        yield from measure(options, directory, "tmpfs" if where == "/dev/shm" else "disk")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def measure(options, directory, kind):
    line = ["mpirun", "--bind-to", "core", "-n", "2", options.ballast, directory, str(options.mib)]
    job = Job(options, directory, ["run", "--job", f"bench-{kind}", "--store", directory, *line], f"bench-{kind}")
    job.wait("ready")
    whole = options.mib * 2 * 1.048576
    full, part, pauses, sizes = [], [], [], []
    for turn in range(options.rounds):
        full.append(job.snapshot("--sync", "--full"))
        job.ask("change")
        job.wait("changed", turn + 1)
        part.append(job.snapshot("--sync"))
        pauses.append(job.snapshot("--full")["capture_us"] / 1e3)
        sizes.append(part[-1]["bytes"] / full[-1]["bytes"])
        for path in sorted(glob.glob(os.path.join(directory, f"bench-{kind}", "0*")))[:-1]:
            shutil.rmtree(path)  # room for the next ones; only the newest is used below
    raw, fork = statistics.median(job.figures("raw")), statistics.median(job.figures("fork"))
    sync = [found["capture_us"] / 1e3 for found in full]
    share = [100 * raw / ms for ms in sync]
    yield row(f"{kind}: `--sync`, of a raw write ({whole / raw:.2f} GB/s)",
              f"{statistics.median(share):.0f} % ({quartiles(share)})", "85 %", statistics.median(share) >= 85)
    pause, limit = statistics.median(pauses), 3 * fork + 10
    yield row(f"{kind}: pause of an asynchronous snapshot; bare fork", f"{pause:.0f} ms; {fork:.0f} ms",
              f"{limit:.0f} ms", pause <= limit)
    size = 100 * statistics.median(sizes)
    yield row(f"{kind}: 1 % of the pages changed: bytes", f"{size:.1f} %", "5 %", size <= 5)
    times = [100 * p["capture_us"] / f["capture_us"] for p, f in zip(part, full)]
    yield row(f"{kind}: 1 % of the pages changed: time", f"{statistics.median(times):.0f} % ({quartiles(times)})", "10 %",
              statistics.median(times) <= 10)
    last = job.snapshot("--full")["snapshot"]
    job.kill()
    yield from restarts(options, directory, kind, last)


def launch(options, directory, name):
    """From the command to the end of MPI_Init, of the same job without memory: ms."""
    line = ["mpirun", "--bind-to", "core", "-n", "2", options.ballast, directory, "0"]
    job = Job(options, directory, ["run", "--job", name, "--store", directory, *line], name)
    job.wait("ready")
    took = (time.monotonic() - job.began) * 1e3
    job.end()
    return took


def restarts(options, directory, kind, snapshot):
    """From the command to a step of the program, beside a launch and what reading takes."""
    took, reads, launches = {"": [], "--lazy": []}, [], []
    for turn in range(options.rounds):
        begin = time.monotonic()
        subprocess.run(["cat", *glob.glob(f"{snapshot}/rank-*.h5")], stdout=subprocess.DEVNULL, check=True)
        reads.append((time.monotonic() - begin) * 1e3)
        launches.append(launch(options, directory, f"launch-{kind}"))
        for how, found in took.items():
            job = Job(options, directory, ["restart", *how.split(), "--job", f"again-{kind}-{turn}", snapshot],
                      f"again-{kind}-{turn}")
            job.ask("change")
            job.wait("changed")
            found.append((time.monotonic() - job.began) * 1e3)
            job.kill()
    read, start, whole, lazy = (statistics.median(v) for v in (reads, launches, took[""], took["--lazy"]))
    yield row(f"{kind}: restart until the program goes on, beyond a launch ({start:.0f} ms); reading the files",
              f"{whole - start:.0f} ms; {read:.0f} ms", f"{read:.0f} ms", whole - start <= read)
    yield row(f"{kind}: restart with `--lazy`, beyond a launch", f"{lazy - start:.0f} ms", "150 ms", lazy - start <= 150)


def stops(options):
    directory = tempfile.mkdtemp(prefix="rf-bench.", dir="/dev/shm")
    job = Job(options, directory, ["run", "--job", "bench-stop", "--store", directory, "mpirun", "--oversubscribe", "--mca",
                                   "mpi_yield_when_idle", "1", "-n", "8", options.ballast, directory, "0"], "bench-stop")
    job.wait("ready")
    found = [job.snapshot()["stop_us"] / 1e3 for _ in range(options.rounds * 3)]
    job.end()
    shutil.rmtree(directory, ignore_errors=True)
    most = statistics.median(found)
    yield row("8 ranks that exchange messages: until all stand, and nothing is under way",
              f"{most:.0f} ms ({quartiles(found)})", "50 ms", most < 50)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rankferry", required=True)
    parser.add_argument("--ballast", required=True, help="the program ballast")
    parser.add_argument("--mib", type=int, default=1024, help="data of each of two ranks [%(default)s]")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured [%(default)s]")
    parser.add_argument("--disk", default="/var/tmp", help="a directory on a disk [%(default)s]")
    options = parser.parse_args()
    if os.geteuid() == 0:
        os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    print(f"2 ranks with {options.mib} MiB each, {len(os.sched_getaffinity(0))} cores, load average at the start "
          f"{os.getloadavg()[0]:.1f}; medians of {options.rounds}, and the range.\n")
    print("| what | found | target | |\n|---|---|---|---|", flush=True)
    for rows in (stops(options), ballast(options, "/dev/shm"), ballast(options, options.disk)):
        for line in rows:
            print(line, flush=True)


if __name__ == "__main__":
    main()
