/* SPDX-License-Identifier: BSD-3-Clause */
#include "load.h"

#include <errno.h>
#include <stdlib.h>

#include "wire/message.h"

#define FINE 1000 /* fractions are thousandths in messages */
#define KIB  1024

static json_int_t fine(double value)
{
	return value < 0 ? -1 : (json_int_t)(value * FINE + 0.5);
}

static double coarse(json_int_t value)
{
	return value < 0 ? -1 : (double)value / FINE;
}

json_t *rf_load_tell(const struct rf_load *load)
{
	json_t *ranks = json_array(), *demands = json_array(), *shares = json_array(),
	       *memories = json_array();
	unsigned i;

	for (i = 0; i < load->ranks; i++) {
		const struct rf_load_rank *r = &load->rank[i];

		json_array_append_new(ranks, json_integer(r->rank));
		json_array_append_new(demands, json_integer(fine(r->demand)));
		json_array_append_new(shares, json_integer(fine(r->share)));
		json_array_append_new(memories, json_integer(r->memory / KIB));
	}
	return rf_message_create(
		NULL, "load", "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
		"foreign", fine(load->foreign), "share", fine(load->share), "memory",
		(json_int_t)load->memory, "available", (json_int_t)load->available, "pressure",
		fine(load->pressure), "corrected", (json_int_t)load->corrected, "uncorrected",
		(json_int_t)load->uncorrected, "heat", fine(load->heat), "ranks", ranks, "demands",
		demands, "shares", shares, "memories", memories);
}

static json_int_t number_at(const json_t *list, size_t i)
{
	return json_integer_value(json_array_get(list, i));
}

int rf_load_read(const json_t *message, struct rf_load *load, struct rf_error *err)
{
	json_t *ranks, *demands, *shares, *memories;
	json_int_t foreign, share, memory, available, pressure, corrected, uncorrected, heat;
	size_t i, n;

	*load = (struct rf_load){0};
	if (rf_message_unpack(message, err,
			      "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
			      "foreign", &foreign, "share", &share, "memory", &memory, "available",
			      &available, "pressure", &pressure, "corrected", &corrected,
			      "uncorrected", &uncorrected, "heat", &heat, "ranks", &ranks,
			      "demands", &demands, "shares", &shares, "memories", &memories) < 0)
		return -1;
	n = json_array_size(ranks);
	if (json_array_size(demands) != n || json_array_size(shares) != n ||
	    json_array_size(memories) != n)
		return rf_error_set(err, EPROTO, "its load is not that of its ranks");
	*load = (struct rf_load){
		.foreign = coarse(foreign),
		.share = coarse(share),
		.memory = memory,
		.available = available,
		.pressure = coarse(pressure),
		.corrected = corrected,
		.uncorrected = uncorrected,
		.heat = coarse(heat),
		.rank = calloc(n + 1, sizeof(*load->rank)),
	};
	if (!load->rank)
		return rf_error_set(err, ENOMEM, "no memory for the load of a host");
	for (i = 0; i < n; i++)
		load->rank[load->ranks++] = (struct rf_load_rank){
			.rank = (unsigned)number_at(ranks, i),
			.demand = coarse(number_at(demands, i)),
			.share = coarse(number_at(shares, i)),
			.memory = number_at(memories, i) * KIB,
		};
	return 0;
}

static void put_real(json_t *object, const char *name, double value)
{
	if (value >= 0)
		json_object_set_new(object, name, json_real(value));
}

static void put_number(json_t *object, const char *name, int64_t value)
{
	if (value >= 0)
		json_object_set_new(object, name, json_integer(value));
}

json_t *rf_load_describe(const struct rf_load *load)
{
	json_t *object = json_object();

	put_real(object, "load", load->foreign);
	put_real(object, "share", load->share);
	put_number(object, "memory", load->memory);
	put_number(object, "available", load->available);
	put_real(object, "pressure", load->pressure);
	put_number(object, "corrected", load->corrected);
	put_number(object, "uncorrected", load->uncorrected);
	put_real(object, "heat", load->heat);
	return object;
}

void rf_load_clear(struct rf_load *load)
{
	free(load->rank);
	*load = (struct rf_load){0};
}
