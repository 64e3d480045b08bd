/* SPDX-License-Identifier: BSD-3-Clause */
#include "interval.h"

#include <math.h>

static double daly(double cost, double mtbf)
{
	double part = cost / (2 * mtbf);

	if (cost >= 2 * mtbf)
		return mtbf;
	return sqrt(2 * cost * mtbf) * (1 + sqrt(part) / 3 + part / 9) - cost;
}

int64_t rf_interval_mtbf(const struct rf_interval *interval, const struct rf_interval_facts *facts)
{
	if (interval->mtbf_ms > 0)
		return interval->mtbf_ms;
	if (facts->failures > 0)
		return facts->elapsed_ms / facts->failures;
	return RF_INTERVAL_MTBF_MS;
}

int64_t rf_interval_next(const struct rf_interval *interval, const struct rf_interval_facts *facts)
{
	double cost = (double)facts->pause_us / 1000, mtbf, best, least;

	if (interval->every_ms != RF_INTERVAL_AUTO)
		return interval->every_ms > 0 ? interval->every_ms : RF_INTERVAL_NEVER;
	mtbf = (double)rf_interval_mtbf(interval, facts);
	if (facts->pause_us <= 0)
		best = fmin(RF_INTERVAL_FIRST_MS, mtbf / 10);
	else
		best = daly(cost, mtbf) + cost;
	if (interval->overhead > 0) {
		least = cost / interval->overhead;
		best = fmax(best, least);
	}
	best = fmax(best, 2 * (double)facts->write_ms);
	return (int64_t)fmax(best, RF_INTERVAL_MIN_MS);
}
