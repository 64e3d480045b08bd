# SPDX-License-Identifier: BSD-3-Clause
"""The corpus's mode that moves ranks while a program runs: all that are on one host go to a spare one,
and then home again.

It needs hosts: CORPUS_HOSTS has them, with commas, and the last one is the spare one; mpirun's options
(CORPUS_MPIRUN_OPTIONS) put the program's ranks on the others in turns.
"""

import os

from snapshots import COMMAND_SECONDS, Ended, Refused, Snapshots


class Moves(Snapshots):
    """Runs one program in the modes of `modes`; make one for each Runner."""

    def __init__(self, runner):
        super().__init__(runner)
        *self.hosts, self.spare = os.environ.get("CORPUS_HOSTS", "").split(",")
        if self.hosts:
            self.modes["move"] = self.move

    def ask(self, job, program, rng, words):
        """One move. Raises Ended or Refused, or returns the text of a failure."""
        answer, failure = self.command(job, program, rng, *words)
        if not failure and not answer["moved"]:
            failure = f"`rankferry {' '.join(words)}` found nothing to move"
        return failure

    def move(self, program, ranks, rounds, rng, scratch):
        """There and back, at any time in the first half of the program's work."""
        name = f"{program.name}-{ranks}"
        # so that it says itself what it waits for, instead of being killed
        deadline = ["--deadline", f"{COMMAND_SECONDS - 15}s"]
        host = rng.choice(self.hosts[:ranks])
        job = self.start(program, ranks, name, rounds, scratch)
        moved, refused = 0, None
        try:
            for words in (["evacuate", "--json", "--job", name, *deadline, "--to", self.spare,
                           host],
                          ["return", "--json", "--job", name, *deadline, host]):
                if job.wait(rng.uniform(0, 0.2 * self.args.seconds)):
                    break
                failure = self.ask(job, program, rng, words)
                if failure:
                    return self.hangs(job, failure, scratch), self.outcome(job, ""), moved
                moved += 1
        except Ended:
            pass
        except Refused as reason:
            refused = str(reason)
        if not job.wait(self.seconds_left(program)):
            what = self.hangs(job, f"it did not end after {moved} moves", scratch)
            return what, self.outcome(job, ""), moved
        # one move alone shows too little: such a program is tried again
        return [f"refused: {refused}"] if refused else [], self.outcome(job, ""), moved // 2
