/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ranks go, each in turn, to the host that then has the fewest ranks for its CPUs, the first of
 * equals. This is also built into Rankferry, as the rule when no other is asked for.
 */
#include <stdlib.h>

#include <rankferry/plugin.h>

/* A host of which the CPUs are not known is as large as the other. */
static int is_freer(const struct rankferry_host *a, unsigned ranks_a,
		    const struct rankferry_host *b, unsigned ranks_b)
{
	unsigned long long x = a->cpus ? a->cpus : b->cpus, y = b->cpus ? b->cpus : a->cpus;

	return (a->ranks + ranks_a) * (y ? y : 1) < (b->ranks + ranks_b) * (x ? x : 1);
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
			     is_freer(move->host[h], given[h], move->host[best], given[best])))
				best = h;
		if (best == move->hosts)
			break;
		to[r] = best;
		given[best]++;
	}
	free(given);
	return r == move->ranks ? 0 : core->fail(core, "no room for rank %u", move->rank[r]);
}

const struct rankferry_plugin RANKFERRY_PLUGIN_SYMBOL = {
	.size = sizeof(struct rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_PLACEMENT,
	.name = "spread",
	.version = "1",
	.help = "each rank to the host with the fewest ranks for its CPUs; the rule if none is set",
	.place = place,
};
