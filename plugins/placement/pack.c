/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ranks go to as few hosts as possible: those that have ranks already are filled first, the one
 * with the most ranks before the others; then those with the most room.
 */
#include <stdlib.h>

#include <rankferry/plugin.h>

static int is_better(const struct rankferry_host *a, unsigned ranks_a,
		     const struct rankferry_host *b, unsigned ranks_b)
{
	unsigned x = a->ranks + ranks_a, y = b->ranks + ranks_b;

	if (x || y)
		return x > y;
	return a->room > b->room;
}

static int place(const struct rankferry_core *core, void *self, const struct rankferry_move *move,
		 unsigned *to)
{
	unsigned *given = calloc(move->hosts + 1, sizeof(*given)), best, h, r;

	(void)self;
	if (!given)
		return core->fail(core, "no memory");
	for (r = 0; r < move->ranks; r++) {
		best = move->hosts;
		for (h = 0; h < move->hosts; h++)
			if (given[h] < move->host[h]->room &&
			    (best == move->hosts ||
			     is_better(move->host[h], given[h], move->host[best], given[best])))
				best = h;
		if (best == move->hosts)
			break;
		to[r] = best;
		given[best]++;
	}
	free(given);
	return r == move->ranks ? 0 : core->fail(core, "no room for rank %u", move->rank[r]);
}

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_PLACEMENT,
	.name = "pack",
	.version = "1",
	.help = "ranks to as few hosts as possible, those in use first",
	.place = place,
};
