/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Comm_join over a socket between two ranks.
 *
 * corpus: ranks=2
 * corpus: natively=yes
 */
#include "corpus.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0), in, size;
	MPI_Comm inter;

	corpus_init(&argc, &argv);
	int peer = 1 - corpus_rank;

	if (corpus_rank == 0) {
		CHECK_INT(bind(fd, (struct sockaddr *)&address, length), 0);
		CHECK_INT(listen(fd, 1), 0);
		CHECK_INT(getsockname(fd, (struct sockaddr *)&address, &length), 0);
		MPI_Send(&address, sizeof(address), MPI_BYTE, peer, 0, MPI_COMM_WORLD);
		int one = accept(fd, NULL, NULL);
		close(fd);
		fd = one;
	} else {
		MPI_Recv(&address, sizeof(address), MPI_BYTE, peer, 0, MPI_COMM_WORLD,
			 MPI_STATUS_IGNORE);
		CHECK_INT(connect(fd, (struct sockaddr *)&address, length), 0);
	}
	CHECK_INT(MPI_Comm_join(fd, &inter), MPI_SUCCESS);
	MPI_Comm_remote_size(inter, &size);
	CHECK_INT(size, 1);
	for (long round = 0; round < corpus_rounds; round++) {
		int value = corpus_value(corpus_rank, round, 0);

		MPI_Sendrecv(&value, 1, MPI_INT, 0, 1, &in, 1, MPI_INT, 0, 1, inter,
			     MPI_STATUS_IGNORE);
		CHECK_INT(in, corpus_value(peer, round, 0));
		corpus_add_int(in);
	}
	MPI_Comm_disconnect(&inter);
	close(fd);
	return corpus_finish();
}
