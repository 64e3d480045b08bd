#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The whole corpus, plain and under `rankferry run`; `make check` calls it. README.md has the rest.
# Environment: RF_SRCDIR, RF_BUILDDIR, RF_PYTHON.
exec "${RF_PYTHON:-python3}" "${RF_SRCDIR:?}/tests/corpus/run.py" --top-build "${RF_BUILDDIR:?}"
