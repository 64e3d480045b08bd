# SPDX-License-Identifier: BSD-3-Clause
"""The corpus's modes that take snapshots while a program runs.

A program repeats its body CORPUS_ITERATIONS times; how often is found with plain mpirun, so that a run
takes a given time, and the plain run with as many rounds is what the result is compared with. All
waiting is seeded: `run.py --seed N` does the same again.
"""

import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_ROUNDS = 10000000
ATTEMPTS = 4                # for a snapshot that came too late, as the program had ended
COMMAND_SECONDS = 60
LASTS = "it did not end"
ENDS = re.compile(r"has finalized MPI|job (has )?ended|the job ends|rank \d+ on \S+ has ended"
                  r"|has left MPI|has not joined, or left")
AGAIN = 40                  # so often a snapshot is asked for that is refused for a while only
LATE = "rankferry: the job has ended; its snapshot is still being written"
README = Path(__file__).resolve().parent.parent.parent / "README.md"
# What a refusal says, and the words by which README's table of what is refused must name it.
REFUSALS = (
    (r"a window|windows", "windows"),
    (r"open MPI file", "open MPI files"),
    (r"osc_rdma\S* .*memory shared with other processes", "memory shared with other processes"),
    (r"MPI_T", "MPI_T sessions"),
    (r"persistent collective", "persistent collectives (MPIX)"),
    (r"a child", "children of a rank"),
    (r"pipe to another process", "pipes to other processes"),
    (r"has started it and waits for it", "a rank that a script has started and waits for"),
    (r"can not be captured: it has called", "with other jobs (MPI_Comm_spawn)"),
)
NOT_YET = re.compile(r"no (running )?job|has not come to it yet|has (not )?been started yet")


class Ended(Exception):
    """The program ended before what was to be done with it."""


class Refused(Exception):
    """Rankferry said that this program can not be captured now."""


def is_named(refusal):
    """Whether README's table says that this is refused: what it does not name has to work."""
    rows = README.read_text(encoding="utf-8").split("| | kept | refused |\n", 1)[1].split("\n\n", 1)[0]
    refused = " ".join(row.split("|")[3] for row in rows.splitlines())
    return any(re.search(pattern, refusal) and words in refused for pattern, words in REFUSALS)


class Job:
    """One `rankferry run` or `rankferry restart` in the background."""

    def __init__(self, command, environment, scratch, number):
        self.out = Path(scratch, f".stdout.{number}")
        self.err = Path(scratch, f".stderr.{number}")
        with open(self.out, "wb") as o, open(self.err, "wb") as e:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=o, stderr=e,
                                            env=environment, cwd=scratch, start_new_session=True)

    def wait(self, seconds):
        """True if it ended within so many seconds."""
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def kill(self):
        """As a failing host would: nobody is asked, and everything of the session dies at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def text(self):
        return self.out.read_text(errors="replace"), self.err.read_text(errors="replace")


class Snapshots:
    """Runs one program in the modes of `modes`; make one for each Runner."""

    def __init__(self, runner):
        self.runner = runner
        self.args = runner.args
        words = shlex.split(self.args.run_command)
        self.rankferry = words[:-1] if words[-1] == "run" else words
        # options of mpirun for restarts: other hosts, another mapping
        self.elsewhere = shlex.split(os.environ.get("CORPUS_RESTART_OPTIONS", ""))
        self.found = {}
        self.modes = {
            "snapshot": self.snapshot,
            "restart": lambda *a: self.restarts(1, *a),
            "chain": lambda *a: self.restarts(3, *a),
        }

    # What is run -----------------------------------------------------------------------------

    def rounds(self, program, ranks):
        """Rounds that keep the program busy for args.seconds, and the plain run with as many: the
        same for all modes."""
        if (program.name, ranks) not in self.found:
            self.found[program.name, ranks] = self.find_rounds(program, ranks)
        return self.found[program.name, ranks]

    def find_rounds(self, program, ranks):
        once = self.runner.start(program, ranks, "plain", rounds=3)
        if once.code != int(program.keys.get("expect-exit", "0")) or once.timed_out:
            return 3, once
        rounds, outcome = 3, once
        start = once.seconds
        goal = self.args.seconds + max(start - 1, 0)    # mpirun takes 2 s to end a job that failed
        while outcome.seconds < goal and rounds < MOST_ROUNDS:
            busy = outcome.seconds - start * 0.8
            want = goal * 1.3 - start * 0.8
            factor = min(max(want / busy, 2), 30) if busy > 0 else 30
            rounds = min(int(rounds * factor), MOST_ROUNDS)
            outcome = self.runner.start(program, ranks, "plain", rounds=rounds)
            if outcome.timed_out:
                return rounds // 10, self.runner.start(program, ranks, "plain", rounds=rounds // 10)
        return rounds, outcome

    def more_rounds(self, program, ranks):
        """Four times as many, when it ended too early: the machine is faster now than it was when they
        were found. A program that ends no later with them has its own end."""
        rounds, before = self.rounds(program, ranks)
        if 4 * rounds <= MOST_ROUNDS:
            outcome = self.runner.start(program, ranks, "plain", rounds=4 * rounds)
            if not outcome.timed_out and outcome.seconds > 1.5 * before.seconds:
                self.found[program.name, ranks] = 4 * rounds, outcome
        return self.found[program.name, ranks]

    def is_slow(self, program, ranks):
        """Would it not have ended without us, either? Ranks that spin and yield starve beside others."""
        rounds, before = self.rounds(program, ranks)
        now = self.runner.start(program, ranks, "plain", rounds=rounds)
        return now.timed_out or now.seconds > 3 * before.seconds

    def start(self, program, ranks, name, rounds, scratch):
        self.environment = self.runner.environment(scratch, rounds)
        line = self.runner.plain(program, ranks, rounds=rounds)
        return Job([*self.rankferry, "run", "--job", name, "--store", f"{scratch}/store", *line],
                   self.environment, scratch, 0)

    def take(self, job, name, program, rng):
        """A snapshot's path. Raises Ended or Refused, or returns None and the text of a failure."""
        answer, failure = self.command(job, program, rng, "snapshot", "--json", name)
        return answer and answer["snapshot"], failure

    def command(self, job, program, rng, *words):
        """What `rankferry WORDS` answers. Raises Ended or Refused, or returns None and the text of a
        failure."""
        end = time.monotonic() + COMMAND_SECONDS
        again, for_now = AGAIN, program.keys.get("refused-while")
        while True:
            try:
                done = subprocess.run([*self.rankferry, *words],
                                      capture_output=True, text=True, check=False,
                                      timeout=COMMAND_SECONDS, env=self.environment)
            except subprocess.TimeoutExpired as late:
                said = " ".join((late.stderr or b"").decode(errors="replace").splitlines()[-1:])
                return None, f"`rankferry {words[0]}` did not end within {COMMAND_SECONDS} s: {said}"
            if done.returncode == 0:
                return json.loads(done.stdout), None
            if job.wait(0.01 if for_now else 0.5):
                raise Ended
            if ENDS.search(done.stderr):
                raise Ended
            if for_now and re.search(for_now, done.stderr) and again:
                again -= 1
                time.sleep(rng.uniform(0, 0.02))
            elif not NOT_YET.search(done.stderr) or time.monotonic() > end:
                break
        # phases of a move come first, the reason last
        said = [line for line in done.stderr.splitlines() if "no snapshot" in line]
        raise Refused(" ".join(said or done.stderr.splitlines()[-1:]).strip())

    def seconds_left(self, program):
        return (program.timeout + 5 * self.args.seconds) * self.args.timeout_factor

    # The modes -------------------------------------------------------------------------------

    def snapshot(self, program, ranks, rounds, rng, scratch):
        """Up to five snapshots while the program runs; it goes on as if nothing had been."""
        name = f"{program.name}-{ranks}"
        job = self.start(program, ranks, name, rounds, scratch)
        taken, refused = 0, None
        try:
            for _ in range(5):
                if job.wait(rng.uniform(0, 0.4 * self.args.seconds)):
                    break
                path, failure = self.take(job, name, program, rng)
                if failure:
                    return [failure], self.outcome(job, ""), taken
                taken += 1
        except Ended:
            pass
        except Refused as reason:
            refused = str(reason)
        if not job.wait(self.seconds_left(program)):
            return self.hangs(job, f"{LASTS} after {taken} snapshots", scratch), \
                self.outcome(job, ""), taken
        if taken:
            problem = self.verify(path)
            if problem:
                return problem, self.outcome(job, ""), taken
        return ([f"refused: {refused}"] if refused else []), self.outcome(job, ""), taken

    def restarts(self, times, program, ranks, rounds, rng, scratch):
        """Snapshot, kill, restart: so often; the last one runs to its end."""
        name = f"{program.name}-{ranks}"
        job = self.start(program, ranks, name, rounds, scratch)
        printed, taken = [], 0
        for number in range(1, times + 1):
            try:
                if job.wait(rng.uniform(0.05, 0.9) * self.args.seconds / times):
                    break
                path, failure = self.take(job, name, program, rng)
            except Ended:
                break
            except Refused as reason:
                job.kill()
                return [f"refused: {reason}"], self.outcome(job, ""), taken
            if failure:
                job.kill()
                return [failure], self.outcome(job, ""), taken
            taken += 1
            if job.wait(rng.uniform(0, 0.2)):
                pass # ended by itself meanwhile: the snapshot is good all the same
            job.kill()
            printed.append(job.text()[0])
            job = Job([*self.rankferry, "restart", "--job", name, path, *self.elsewhere],
                      self.environment, scratch, number)
        if not job.wait(self.seconds_left(program)):
            return self.hangs(job, f"{LASTS} after {taken} restarts", scratch), \
                self.outcome(job, ""), taken
        return [], self.outcome(job, printed), taken

    def hangs(self, job, what, scratch):
        """A job that does not end is looked at by CORPUS_ON_HANG, a command, and ended."""
        if "CORPUS_ON_HANG" in os.environ:
            subprocess.run([*shlex.split(os.environ["CORPUS_ON_HANG"]), str(job.process.pid), scratch],
                           stdout=sys.stderr, check=False)
        self.runner.stop(job.process)
        return [what]

    def verify(self, path):
        done = subprocess.run([*self.rankferry, "verify", path], capture_output=True, text=True,
                              check=False, timeout=COMMAND_SECONDS, env=self.environment)
        return [] if done.returncode == 0 else [f"`rankferry verify` exits with {done.returncode}:",
                                                *done.stderr.splitlines()]

    def outcome(self, job, before):
        """The job's outcome. `before`: what earlier jobs printed, of which each restarted one does
        not print again what it had printed when the snapshot was taken."""
        out, err = job.text()
        err = "".join(line for line in err.splitlines(True) if line.rstrip() != LATE)
        return self.runner.outcome(job.process.returncode, out, err), before

    # One case --------------------------------------------------------------------------------

    def case(self, mode, program, ranks, judge):
        """Lines of what is wrong, the outcome, and why it is to be skipped, or None."""
        rng = random.Random(f"{self.args.seed} {program.name} {ranks} {mode}")
        rounds, plain = self.rounds(program, ranks)
        busy = False
        for attempt in range(ATTEMPTS):
            if attempt and not busy:
                rounds, plain = self.more_rounds(program, ranks)
            with tempfile.TemporaryDirectory(prefix="corpus.") as scratch:
                problems, (outcome, before), taken = self.modes[mode](program, ranks, rounds, rng,
                                                                      scratch)
            busy = bool(problems) and problems[0].startswith(LASTS) and self.is_slow(program, ranks)
            if not busy and (problems or taken):
                break
        if busy:
            return [], outcome, "plain mpirun takes three times as long now: the machine is too busy"
        wanted = program.keys.get("refused")
        if problems and problems[0].startswith("refused: "):
            allowed = wanted or program.keys.get("refused-while") or (
                "can not be captured: it has called" if "natively" in program.keys else None)
            if allowed and re.search(allowed, problems[0]) and is_named(problems[0]):
                return [], outcome, problems[0]
            return problems, outcome, None
        if not problems and not taken:
            return (judge(program, mode, outcome, plain), outcome,
                    f"it ends before it is disturbed ({plain.seconds:.1f} s)")
        if problems:
            return problems, outcome, None
        if wanted:
            return [f"it was not refused, but should be: {wanted}"], outcome, None
        print(f"# {program.name} np={ranks} {mode}: {taken} done, {rounds} rounds")
        if before:
            outcome.out = joined(before, outcome.out, plain.out)
        return judge(program, mode, outcome, plain), outcome, None


def joined(before, last, plain):
    """What the whole job printed, if the pieces can be put together to what plain mpirun printed:
    each killed job may have printed more than was kept, but only what comes next."""
    if plain.endswith(last):
        kept = plain[:len(plain) - len(last)]
        if all(kept.startswith(piece) or piece.startswith(kept) or piece in plain
               for piece in before):
            return plain
    return "".join(before) + last
