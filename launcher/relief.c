/* SPDX-License-Identifier: BSD-3-Clause */
#include "relief.h"

bool rf_relief_is_short(const struct rf_relief_host *host)
{
	if (host->pressure > RF_RELIEF_PRESSURE)
		return true;
	return host->memory > 0 && host->available >= 0 &&
	       (double)host->available < RF_RELIEF_SHORT * (double)host->memory;
}

/* Bytes beyond what it must keep, once the rank is there. */
static double spare(const struct rf_relief_host *host, int64_t memory)
{
	return (double)(host->available - memory) - RF_RELIEF_ENOUGH * (double)host->memory;
}

bool rf_relief_choose(const struct rf_relief_host *host, unsigned hosts,
		      const struct rf_relief_rank *ranked, unsigned ranks, unsigned from,
		      unsigned *rank, unsigned *to)
{
	unsigned i, unknown = hosts;
	double most = 0;

	*rank = ranks;
	*to = hosts;
	for (i = 0; i < ranks; i++)
		if (ranked[i].host == from && !ranked[i].rests &&
		    (*rank == ranks || ranked[i].memory > ranked[*rank].memory))
			*rank = i;
	if (*rank == ranks)
		return false;
	for (i = 0; i < hosts; i++) {
		if (i == from || host[i].room == 0)
			continue;
		if (host[i].memory < 0 || host[i].available < 0) {
			unknown = unknown == hosts ? i : unknown;
		} else if (!rf_relief_is_short(&host[i]) &&
			   spare(&host[i], ranked[*rank].memory) > most) {
			most = spare(&host[i], ranked[*rank].memory);
			*to = i;
		}
	}
	if (*to == hosts)
		*to = unknown;
	return *to < hosts;
}
