# A shell script as a rank, and no MPI at all.
#
# corpus: ranks=1,2
set -eu
if [ "$OMPI_COMM_WORLD_RANK" = 0 ]; then
	echo "rank 0 of $OMPI_COMM_WORLD_SIZE"
	awk 'BEGIN { for (i = 0; i < 1000; i++) s += i * i; print s }'
fi
