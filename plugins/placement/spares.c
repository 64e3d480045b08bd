/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ranks of one host stay together, on a spare, as long as there is one with room; the job's own
 * hosts, which have other ranks to run, get what is left.
 */
#include <stdlib.h>

#include <rankferry/plugin.h>

/* The host where the last rank from the same host has gone, if it has room; else a spare, else any.
 */
static unsigned choose(const struct rankferry_move *move, const unsigned *given,
		       const unsigned *last, unsigned from)
{
	unsigned h, best = move->hosts;

	if (last[from] && given[last[from] - 1] < move->host[last[from] - 1]->room)
		return last[from] - 1;
	for (h = 0; h < move->hosts; h++) {
		const struct rankferry_host *host = move->host[h], *other;

		if (given[h] >= host->room)
			continue;
		other = best < move->hosts ? move->host[best] : NULL;
		if (!other || (host->spare && !other->spare) ||
		    (!host->spare == !other->spare &&
		     host->room - given[h] > other->room - given[best]))
			best = h;
	}
	return best;
}

static int place(const struct rankferry_core *core, void *self, const struct rankferry_move *move,
		 unsigned *to)
{
	unsigned *given = calloc(move->hosts + 1, sizeof(*given));
	unsigned *last = calloc(move->hosts + 1, sizeof(*last)), r = 0;

	(void)self;
	for (; given && last && r < move->ranks; r++) {
		to[r] = choose(move, given, last, move->from[r]);
		if (to[r] == move->hosts)
			break;
		given[to[r]]++;
		last[move->from[r]] = to[r] + 1;
	}
	free(given);
	free(last);
	return r == move->ranks ? 0 : core->fail(core, "no room for rank %u", move->rank[r]);
}

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_PLACEMENT,
	.name = "spares",
	.version = "1",
	.help = "ranks of a host stay together, on a spare; then on the job's own hosts",
	.place = place,
};
