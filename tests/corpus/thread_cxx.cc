/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C++ threads with thread_local objects whose destructors call MPI; futures and atomics.
 *
 * corpus: ranks=1,2
 * corpus: flags=-pthread
 */
#include "corpus.h"
#include <atomic>
#include <future>
#include <thread>
#include <vector>

static std::atomic<int> ends;

struct Talker {
	std::vector<int> inbox = std::vector<int>(100);
	long said = 0;

	~Talker()
	{
		int size = 0;

		MPI_Comm_size(MPI_COMM_WORLD, &size);
		CHECK_INT(size, corpus_size);
		ends += (int)said;
	}
};

static thread_local Talker talker;

static long talk(int t, long round)
{
	std::vector<int> out(100);
	long sum = 0;
	int next = (corpus_rank + 1) % corpus_size,
	    prev = (corpus_rank + corpus_size - 1) % corpus_size;

	corpus_fill(out.data(), 100, corpus_rank + t, round);
	MPI_Sendrecv(out.data(), 100, MPI_INT, next, t, talker.inbox.data(), 100, MPI_INT, prev, t,
		     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	talker.said++;
	for (int i = 0; i < 100; i++) {
		CHECK_INT(talker.inbox[(size_t)i], corpus_value(prev + t, round, i));
		sum += talker.inbox[(size_t)i];
	}
	return sum;
}

int main(int argc, char **argv)
{
	int provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
	corpus_start();
	for (long round = 0; round < corpus_rounds * 5; round++) {
		std::vector<std::future<long>> results;

		for (int t = 0; t < 3; t++)
			results.push_back(std::async(std::launch::async, talk, t, round));
		for (auto &result : results)
			corpus_add_int(result.get());
	}
	CHECK_INT(ends.load(), corpus_rounds * 15);
	return corpus_finish();
}
