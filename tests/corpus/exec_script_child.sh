# A shell script as a rank, that runs the MPI program as its child and looks at its exit code.
#
# corpus: ranks=2
# corpus: uses=coll_reduce
# corpus: expect-exit=5
# corpus: refused=has started it and waits for it
set -u
"$CORPUS_BIN/coll_reduce"
code=$?
test $code = 0 || exit 1
(sleep 0.01; exit 4) &
wait $!
test $? = 4 || exit 1
exit 5
