#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
results.py DIRECTORY RUNTESTS [OPTION]...: runs mpi4py's own runtests.py, unchanged, and writes what became of
each test to DIRECTORY/RANK: one line a test, name and outcome. The name is written when the test starts,
so the last line of a run that crashed or hung names its test.
"""
import os
import runpy
import sys
import unittest

directory, runtests = sys.argv[1:3]
sys.argv[1:3] = []
results = open(os.path.join(directory, os.environ.get("OMPI_COMM_WORLD_RANK", "0")), "w", buffering=1)


class Recorder(unittest.TextTestResult):
    outcome = None

    def startTest(self, test):
        super().startTest(test)
        self.outcome = "ok"
        results.write(test.id() + " ")
        results.flush()

    def stopTest(self, test):
        super().stopTest(test)
        results.write(self.outcome + "\n")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.outcome = "skipped"

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.outcome = "failed"

    def addError(self, test, error):
        super().addError(test, error)
        self.outcome = "error"

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.outcome = "failed"

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.outcome = "expected failure"

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.outcome = "unexpected success"


unittest.TextTestRunner.resultclass = Recorder
runpy.run_path(runtests, run_name="__main__")
