#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Build the corpus of small MPI programs, run them in several modes, and compare.

Every program is run by plain mpirun first; what it prints there, how it ends, and what kind of text
it leaves on stderr is what each other mode must give. The result is TAP on stdout.

    run.py                         all programs, plain and under `rankferry run`
    run.py --only 'p2p_*'          some of them (a shell pattern on the name; may be repeated)
    run.py --mode plain            plain mpirun only
    run.py --mode shim             with the shim preloaded into the ranks
    run.py --mode snapshot         snapshots are taken while it runs
    run.py --mode restart,chain    it is killed after a snapshot and restarted, once or three times
    run.py --mode move             ranks are moved while it runs, and then home (see moves.t)
    run.py --coverage              which functions of libmpi no program calls
    run.py --list                  programs and what their headers say

A header line `corpus: key=value` in a program's first lines says how to build and run it; README.md
explains the keys.
"""

import argparse
import concurrent.futures
import difflib
import fnmatch
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from moves import Moves

HERE = Path(__file__).resolve().parent
COMPILERS = {".c": "mpicc", ".cc": "mpicxx", ".f": "mpifort", ".f90": "mpifort"}
FLAGS = {
    ".c": ["-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Werror"],
    ".cc": ["-std=gnu++17", "-O2", "-g", "-Wall", "-Wextra", "-Werror",
            "-Wno-cast-function-type", "-Wno-literal-suffix"],
    # mpif.h declares no interfaces: two calls of one routine with different types are a warning
    ".f": ["-std=legacy", "-O2", "-g", "-w"],
    ".f90": ["-std=legacy", "-O2", "-g", "-Wall", "-Wno-unused-dummy-argument", "-Wno-tabs",
             "-Werror"],
}
KEYS = {"unsteady", "ranks", "flags", "libs", "needs", "expect-exit", "time", "env", "args", "so", "link",
        "preload", "mpirun", "stdout", "uses", "cc", "natively", "refused", "refused-while"}
SECONDS = {"short": 30, "long": 120}
# Few components make MPI_Init four times faster; the rest lets more ranks than cores make progress.
MPIRUN_OPTIONS = ["--mca", "pml", "ob1", "--mca", "btl", "self,vader,tcp",
                  "--mca", "mpi_yield_when_idle", "1", "--oversubscribe"]


class Program:
    """One source file and what its header says."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.kind = path.suffix
        self.keys = {}
        with open(path, encoding="utf-8") as source:
            for line in list(source)[:30]:
                found = re.search(r"corpus:\s+([a-z-]+)=(.*?)\s*(\*/)?$", line)
                if found:
                    key, value = found.group(1), found.group(2)
                    if key not in KEYS:
                        sys.exit(f"{path}: unknown header key {key}")
                    self.keys[key] = value
        if "ranks" not in self.keys:
            sys.exit(f"{path}: no header line 'corpus: ranks='")
        self.ranks = [int(n) for n in self.keys["ranks"].split(",")]
        self.timeout = SECONDS[self.keys.get("time", "short")]

    def words(self, key):
        return shlex.split(self.keys.get(key, ""))


def programs():
    """All programs, by name: every source here; what is in helpers/ is built for one of them."""
    kinds = set(COMPILERS) | {".py", ".sh"}
    return sorted((Program(p) for p in HERE.iterdir()
                   if p.suffix in kinds and p.name not in ("run.py", "snapshots.py", "moves.py")),
                  key=lambda p: p.name)


# Building -------------------------------------------------------------------------------------

def compile_once(command, sources, output, compiler=None):
    """Run a compiler unless output was made by the same command from the same text."""
    digest = hashlib.sha256(repr(command).encode())
    for source in sources:
        digest.update(Path(source).read_bytes())
    key = output.with_name(output.name + ".key")
    if output.exists() and key.exists() and key.read_text() == digest.hexdigest():
        return None
    key.unlink(missing_ok=True)
    # The objects of two programs that are built at once must not meet: each has its own directory.
    with tempfile.TemporaryDirectory(dir=output.parent) as scratch:
        chosen = {"OMPI_CC": compiler} if compiler else {}
        done = subprocess.run(command, cwd=scratch, stdin=subprocess.DEVNULL, text=True,
                              env=dict(os.environ, **chosen),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        return f"{shlex.join(command)}\n" + "\n".join(done.stdout.splitlines()[:20])
    key.write_text(digest.hexdigest())
    return None


def build_helper(name, bindir, profile_flags=()):
    """helpers/NAME.c as the shared library NAME.so in bindir."""
    source = HERE / "helpers" / f"{name}.c"
    command = ["mpicc", *FLAGS[".c"], "-fPIC", "-shared", f"-I{HERE}", *profile_flags,
               f"-Wl,-soname,{name}.so", "-o", str(bindir / f"{name}.so"), str(source)]
    return compile_once(command, [source, HERE / "corpus.h"], bindir / f"{name}.so")


def build(program, bindir):
    """The text of what went wrong, or None."""
    for key in ("so", "link", "preload"):
        for name in program.words(key):
            error = build_helper(name, bindir)
            if error:
                return error
    for name in program.words("uses"):
        error = build(Program(next(HERE.glob(f"{name}.*"))), bindir)
        if error:
            return error
    if program.kind not in COMPILERS or missing(program):
        return None
    output = bindir / program.name
    command = [COMPILERS[program.kind], *FLAGS[program.kind], f"-I{HERE}",
               *program.words("flags"), "-o", str(output), str(program.path),
               *(str(bindir / f"{name}.so") for name in program.words("link")),
               *program.words("libs")]
    if program.words("link"):
        command.append(f"-Wl,-rpath,{bindir}")
    headers = [HERE / "corpus.h", HERE / "corpus.inc"]
    return compile_once(command, [program.path, *headers], output, program.keys.get("cc"))


def build_all(chosen, bindir, jobs):
    """Build programs; returns {name: error text} of those that failed."""
    bindir.mkdir(parents=True, exist_ok=True)
    helpers = {n for p in chosen for k in ("so", "link", "preload") for n in p.words(k)}
    for helper in sorted(helpers):      # one at a time, as several programs may share them
        build_helper(helper, bindir)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        errors = list(pool.map(lambda p: build(p, bindir), chosen))
    return {p.name: e for p, e in zip(chosen, errors) if e}


# What a program needs -------------------------------------------------------------------------

def python_with_mpi4py():
    for python in ("/usr/bin/python3", sys.executable):
        if subprocess.run([python, "-c", "import mpi4py"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0:
            return python
    return None


PYTHON = None
NEEDS = {
    "mpi4py": lambda: PYTHON is not None,
    "cxx-bindings": lambda: "-lmpi_cxx" in subprocess.run(
        ["mpicxx", "--showme:link"], capture_output=True, text=True, check=False).stdout,
}


def missing(program):
    """The first thing that a program needs and this machine has not, or None."""
    for need in program.words("needs"):
        if need in NEEDS and not NEEDS[need]():
            return need
        if need not in NEEDS and shutil.which(need) is None:
            return need
    return None


# Running --------------------------------------------------------------------------------------

class Outcome:
    """How one run ended."""

    def __init__(self, code, out, err, timed_out, seconds=0):
        self.code, self.out, self.err, self.timed_out = code, out, err, timed_out
        self.seconds = seconds
        self.stderr_class = classify(err)


STDERR_CLASSES = (
    ("abort", r"MPI_ABORT was invoked"),
    ("mpi-error", r"\*\*\* An error occurred in"),
    ("signal", r"exited on signal"),
    ("no-finalize", r"without (calling .finalize|either calling finalize)"),
    ("exit-code", r"Exit code:|exited with status|non-zero status"),
)


def classify(text):
    """What stderr holds: mpirun's known messages by name, and the program's own lines."""
    kinds = {name for name, pattern in STDERR_CLASSES if re.search(pattern, text)}
    return kinds, [line for line in text.splitlines() if line.startswith("stderr: ")]


def same_class(this, plain):
    """Whether two runs said the same. When a job fails, mpirun ends before all of its messages have
    come together, so any part of them may be missing on either side."""
    (kinds, own), (plain_kinds, plain_own) = this.stderr_class, plain.stderr_class
    if plain.code == 0 or not kinds or not plain_kinds:
        return own == plain_own and (plain.code != 0 or kinds == plain_kinds)
    return own == plain_own and kinds & plain_kinds


def messages(text):
    """Rankferry's own lines on stderr."""
    return [line for line in text.splitlines() if line.startswith("rankferry: ")]


class Runner:
    """Knows how each mode starts a program."""

    def __init__(self, args, bindir):
        self.args = args
        self.bindir = bindir
        self.mpirun = os.environ.get("CORPUS_MPIRUN", "mpirun")
        self.options = shlex.split(os.environ.get("CORPUS_MPIRUN_OPTIONS",
                                                  shlex.join(MPIRUN_OPTIONS)))
        self.modes = {"plain": self.plain, "shim": self.shim, "run": self.run}

        self.snapshots = Moves(self)
        self.end = time.monotonic() + args.within if args.within else float("inf")

    def plain(self, program, ranks, preload=(), rounds=None):
        passed = ["-x", "CORPUS_TMP", "-x", "CORPUS_BIN"]
        if rounds or "CORPUS_ITERATIONS" in os.environ:
            passed += ["-x", "CORPUS_ITERATIONS"]
        line = [self.mpirun, *self.options, *program.words("mpirun"), "-n", str(ranks), *passed]
        preload = [*(str(self.bindir / f"{n}.so") for n in program.words("preload")), *preload]
        if preload:
            line += ["-x", "LD_PRELOAD=" + ":".join(preload)]
        for setting in program.words("env"):
            line += ["-x", setting]
        if program.kind == ".py":
            line += [PYTHON, str(program.path)]
        elif program.kind == ".sh":
            line += ["/bin/sh", str(program.path)]
        else:
            line += [str(self.bindir / program.name)]
        for word in program.words("args"):
            # behind a colon mpirun passes on nothing of what was named before
            line += [":", *passed] if word == ":" else [word.replace("@BIN@", str(self.bindir))]
        return line

    def shim(self, program, ranks):
        return self.plain(program, ranks, preload=[self.args.shim])

    def run(self, program, ranks):
        return [*shlex.split(self.args.run_command), *self.plain(program, ranks)]

    def environment(self, scratch, rounds=None):
        """Of mpirun, or of what starts it."""
        result = dict(os.environ, CORPUS_TMP=str(scratch), CORPUS_BIN=str(self.bindir),
                      OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        if rounds:
            result["CORPUS_ITERATIONS"] = str(rounds)
        return result

    @staticmethod
    def outcome(code, out, err, timed_out=False, seconds=0):
        return Outcome(code, out, err, timed_out, seconds)

    def start(self, program, ranks, mode, rounds=None):
        """Run a program once and return its Outcome."""
        with tempfile.TemporaryDirectory(prefix="corpus.") as scratch:
            line = (self.plain(program, ranks, rounds=rounds) if mode == "plain"
                    else self.modes[mode](program, ranks))
            out, err = Path(scratch, ".stdout"), Path(scratch, ".stderr")
            began = time.monotonic()
            with open(out, "wb") as o, open(err, "wb") as e:
                process = subprocess.Popen(
                    line, stdin=subprocess.DEVNULL, stdout=o, stderr=e,
                    env=self.environment(scratch, rounds), cwd=scratch, start_new_session=True)
                timed_out = False
                try:
                    process.wait(program.timeout * self.args.timeout_factor)
                except subprocess.TimeoutExpired:
                    timed_out = True
                    self.stop(process)
            return self.outcome(process.returncode, out.read_text(errors="replace"),
                                err.read_text(errors="replace"), timed_out,
                                time.monotonic() - began)

    @staticmethod
    def stop(process):
        """mpirun ends its ranks when it is asked to; only then it is killed with what is left."""
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def judge_plain(program, outcome):
    """What is wrong with a plain run, as lines."""
    want = int(program.keys.get("expect-exit", "0"))
    if outcome.timed_out:
        return ["it did not end in time"]
    if outcome.code != want:
        return [f"exit code {outcome.code}, expected {want}"]
    if not outcome.out.strip() and program.keys.get("stdout") != "none":
        return ["nothing on stdout"]
    return []


def judge_same(program, mode, outcome, plain):
    """How a run differs from the plain one, as lines.

    Rankferry must say when a job runs natively, and has nothing else to say: a program that it
    should carry may not be left to itself.
    """
    if outcome.timed_out:
        return ["it did not end in time"]
    lines = []
    if outcome.code != plain.code:
        lines.append(f"exit code {outcome.code}, plain {plain.code}")
    if outcome.out != plain.out:
        lines += difflib.unified_diff(plain.out.splitlines(), outcome.out.splitlines(),
                                      "plain", "this run", lineterm="")
    if not same_class(outcome, plain):
        lines.append(f"stderr holds {outcome.stderr_class}, plain {plain.stderr_class}")
    said = messages(outcome.err)
    if program.keys.get("natively") == "yes":
        # with the shim alone each rank speaks for itself, and there is no job to speak of
        if mode == "run" and not any("natively" in line for line in said):
            lines.append("nothing says that the job runs natively")
    elif said:
        lines += ["unexpected message: " + line for line in said]
    return lines


class Tap:
    """Numbered results from several threads; with a state file also those of earlier runs."""

    def __init__(self, count, state=None):
        self.lock = threading.Lock()
        self.number = self.failed = 0
        self.state = state
        self.known = {}
        if state and state.exists():
            for line in state.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self.known[entry["case"]] = entry
        print("TAP version 13" + ("" if state else f"\n1..{count}"), flush=True)

    def note(self, name, kind, problems, skip):
        entry = {"case": name, "kind": kind, "why": skip or (problems[0] if problems else "")}
        self.known[name] = entry
        if self.state:
            with open(self.state, "a", encoding="utf-8") as state:
                state.write(json.dumps(entry) + "\n")

    def table(self, modes):
        """How many cases of each mode ended how, and those that failed."""
        kinds = ("ok", "refused", "skipped", "failed")
        print("# " + "".join(f"{word:>10}" for word in ("", *kinds)))
        for mode in modes:
            these = [e["kind"] for c, e in self.known.items() if c.split()[-1] == mode]
            print(f"# {mode:>10}" + "".join(f"{these.count(kind):>10}" for kind in kinds))
        for case, entry in sorted(self.known.items()):
            if entry["kind"] == "failed":
                print(f"# failed: {case}: {entry['why'][:160]}")

    def result(self, name, problems=(), outcome=None, skip=None):
        with self.lock:
            self.number += 1
            self.failed += bool(problems)
            self.note(name, "failed" if problems else
                      "refused" if skip and skip.startswith("refused: ") else
                      "skipped" if skip else "ok", problems, skip)
            state = "not ok" if problems else "ok"
            print(f"{state} {self.number} - {name}" + (f" # SKIP {skip}" if skip else ""))
            for line in problems:
                print(f"# {line}")
            if problems and outcome:
                for line in outcome.err.splitlines()[:20]:
                    print(f"#   stderr: {line}")
            sys.stdout.flush()


def run_case(runner, program, ranks, modes, tap, build_error):
    """One program at one number of ranks: plain, then every other mode, repeated as asked."""
    skip = missing(program)
    plain = None
    for mode in modes:
        name = f"{program.name} np={ranks} {mode}"
        if name in tap.known or time.monotonic() > runner.end:
            continue
        if build_error:
            tap.result(name, ["it could not be built:", *build_error.splitlines()])
        elif skip:
            tap.result(name, skip=f"needs {skip}")
        elif mode in runner.snapshots.modes:
            problems, outcome, skip_this = runner.snapshots.case(mode, program, ranks, judge_same)
            tap.result(name, problems, outcome, skip_this)
        elif mode == "plain":
            plain = runner.start(program, ranks, "plain")
            tap.result(name, judge_plain(program, plain), plain)
        else:
            if plain is None:
                plain = runner.start(program, ranks, "plain")
            problems, outcome = [], None
            for _ in range(runner.args.repeat):
                outcome = runner.start(program, ranks, mode)
                problems = judge_plain(program, plain) or judge_same(program, mode, outcome, plain)
                if problems:
                    break
            tap.result(name, problems, outcome)


# Coverage -------------------------------------------------------------------------------------

def symbols(path, *options):
    listing = subprocess.run(["nm", "-D", *options, str(path)], capture_output=True, text=True,
                             check=False).stdout
    return {(w := line.split())[-1].split("@")[0]: w[-2] for line in listing.splitlines()
            if len(line.split()) >= 2}


def coverage(chosen, bindir):
    """Print which functions no program calls: C by their own name, Fortran by the compiler's."""
    libdir = subprocess.run(["pkg-config", "--variable=libdir", "ompi-c"], capture_output=True,
                            text=True, check=False).stdout.strip()
    used = set()
    for binary in [bindir / p.name for p in chosen] + list(bindir.glob("*.so")):
        if binary.exists():
            used |= set(symbols(binary, "--undefined-only"))
    for library, pattern in (("libmpi.so", r"MPIX?_\w+"), ("libmpi_mpifh.so", r"mpi_[a-z0-9_]+_"),
                             ("libmpi_usempif08.so", r"mpi_[a-z0-9_]+_f08_")):
        names = {n for n, kind in symbols(f"{libdir}/{library}", "--defined-only").items()
                 if kind in "TW" and re.fullmatch(pattern, n) and not n.endswith("__")
                 and not re.search(r"(FN|FN_NULL|F90|_fn_?|_fn_null_?)$", n)}
        left = sorted(names - used)
        print(f"{library}: {len(names) - len(left)} of {len(names)} functions are called")
        for name in left:
            print(f"  not called: {name}")
    return 0


# Main -----------------------------------------------------------------------------------------

def arguments():
    top = os.environ.get("CORPUS_TOP_BUILD", "")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--skip", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--mode", default="plain,run", help="separated by commas (plain,run)")
    parser.add_argument("--ranks", type=int, help="this number instead of what the header says")
    parser.add_argument("--largest", action="store_true",
                        help="only the largest number of ranks of what the header says")
    parser.add_argument("--jobs", type=int, default=2, help="programs at once (default 2)")
    parser.add_argument("--repeat", type=int, default=1, help="runs in each mode but plain")
    parser.add_argument("--seconds", type=float, default=4,
                        help="a program works so long where snapshots are taken (default 4)")
    parser.add_argument("--seed", default="1", help="of the times of snapshots")
    parser.add_argument("--state", type=Path, metavar="FILE",
                        help="results are kept here, and what has one is not run again")
    parser.add_argument("--within", type=float, metavar="SECONDS",
                        help="after so long no case is begun")
    parser.add_argument("--timeout-factor", type=float, default=1.0)
    parser.add_argument("--top-build", default=top, metavar="DIR",
                        help="the build tree that rankferry was built in")
    parser.add_argument("--build-dir", type=Path, default=None,
                        help="where programs are built (default: tests/corpus-bin there)")
    parser.add_argument("--run-command", default=os.environ.get("RF_RUN"),
                        help="goes before mpirun in mode run (default: RF_RUN, or the built one)")
    parser.add_argument("--shim", default=os.environ.get("RF_SHIM"),
                        help="preloaded in mode shim (default: RF_SHIM, or the built one)")
    parser.add_argument("--build-only", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if not args.top_build:
        args.top_build = str(HERE.parent.parent / "build")
    args.build_dir = (args.build_dir or Path(args.top_build, "tests/corpus-bin")).absolute()
    top = Path(args.top_build).absolute()
    args.run_command = args.run_command or f"{top}/launcher/rankferry run"
    args.shim = args.shim or f"{top}/lib/mpi/.libs/librankferry-shim.so"
    return args


def main():
    global PYTHON
    args = arguments()
    chosen = [p for p in programs()
              if (any(fnmatch.fnmatch(p.name, o) for o in args.only) if args.only
                  else "unsteady" not in p.keys)
              and not any(fnmatch.fnmatch(p.name, s) for s in args.skip)]
    if args.list:
        for program in chosen:
            print(program.name, *(f"{k}={v}" for k, v in program.keys.items()), sep="\t")
        return 0
    errors = build_all(chosen, args.build_dir, args.jobs)
    if args.coverage or args.build_only:
        for name, text in errors.items():
            print(f"{name}: {text}", file=sys.stderr)
        return coverage(chosen, args.build_dir) if args.coverage else bool(errors)
    modes = args.mode.split(",")
    runner = Runner(args, args.build_dir)
    for mode in modes:
        if mode not in [*runner.modes, *runner.snapshots.modes]:
            sys.exit(f"run.py: no mode {mode}; there are "
                     f"{', '.join([*runner.modes, *runner.snapshots.modes])}")
    if set(modes) - {"plain", "shim"} and shutil.which(shlex.split(args.run_command)[0]) is None:
        print(f"Bail out! {args.run_command} cannot be run: build it, or set RF_RUN")
        return 1
    if "shim" in modes and not os.path.exists(args.shim):
        print(f"Bail out! there is no {args.shim}: build it, or set RF_SHIM")
        return 1
    PYTHON = python_with_mpi4py()
    cases = [(p, n) for p in chosen for n in
             ([args.ranks] if args.ranks else [max(p.ranks)] if args.largest else p.ranks)]
    tap = Tap(len(cases) * len(modes), args.state)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for done in [pool.submit(run_case, runner, p, n, modes, tap, errors.get(p.name))
                     for p, n in cases]:
            done.result()
    if args.state:
        tap.table(modes)
        print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
