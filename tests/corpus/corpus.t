#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# All programs of the corpus, plain and under `rankferry run`, each with the largest of its numbers of
# ranks, or with all of them (RF_LARGE=1); `make check` calls it. README.md has the rest.
# Environment: RF_SRCDIR, RF_BUILDDIR, RF_PYTHON.
[ -n "${RF_LARGE-}" ] || set -- --largest
exec "${RF_PYTHON:-python3}" "${RF_SRCDIR:?}/tests/corpus/run.py" --top-build "${RF_BUILDDIR:?}" "$@"
