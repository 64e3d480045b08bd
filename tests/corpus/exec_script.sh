# A shell script as a rank, that runs other commands and ends by executing an MPI program.
#
# corpus: ranks=2,4
# corpus: uses=p2p_send
set -eu
test "$(echo one | sed s/one/two/)" = two
test -n "$OMPI_COMM_WORLD_RANK"
ls / > /dev/null
exec "$CORPUS_BIN/p2p_send" "from a script"
