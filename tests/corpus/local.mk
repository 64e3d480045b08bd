# tests/corpus: small MPI programs, run plain and under `rankferry run` (see README.md there)
EXTRA_DIST += tests/corpus
TESTS += tests/corpus/corpus.t tests/corpus/snapshots.t tests/corpus/moves.t

CORPUS_ARGS =

.PHONY: check-corpus check-corpus-moves check-corpus-snapshots clean-corpus
check-corpus: all
	$(PYTHON) $(top_srcdir)/tests/corpus/run.py --top-build $(abs_top_builddir) $(CORPUS_ARGS)

check-corpus-snapshots: all
	$(PYTHON) $(top_srcdir)/tests/corpus/run.py --top-build $(abs_top_builddir) \
		--mode snapshot,restart,chain --jobs 1 $(CORPUS_ARGS)

check-corpus-moves: all
	RF_BUILDDIR=$(abs_top_builddir) RF_PYTHON=$(PYTHON) $(top_srcdir)/tests/corpus/moves.t $(CORPUS_ARGS)

clean-corpus:
	rm -rf tests/corpus-bin

clean-local: clean-corpus
