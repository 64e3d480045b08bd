/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/section.h"

#include <errno.h>
#include <string.h>

#define ROW_BYTES_MAX 65536

static uint64_t aligned(uint64_t n)
{
	return (n + 7) & ~7UL;
}

/* ---- writing ---- */

static void *take(struct rf_section *s, uint64_t n)
{
	char *at = s->base + s->used;

	if (n > s->room - s->used)
		return NULL;
	memset(at, 0, n);
	s->used += n;
	return at;
}

static void *align(struct rf_section *s)
{
	return take(s, aligned(s->used) - s->used);
}

int rf_section_open(struct rf_section *s, void *base, uint64_t room)
{
	struct rf_section_header *h;

	*s = (struct rf_section){.base = base, .room = room & ~7UL};
	h = take(s, sizeof(*h));
	if (!h)
		return -1;
	memcpy(h->magic, RF_SECTION_MAGIC, sizeof(h->magic));
	return 0;
}

int rf_section_add(struct rf_section *s, const char *name, const struct rf_section_column *columns,
		   uint32_t count, uint32_t row_bytes)
{
	struct rf_section_table *t;
	uint64_t before = s->used;
	void *to;

	align(s);
	s->table = s->used;
	t = take(s, sizeof(*t));
	to = t ? take(s, count * sizeof(*columns)) : NULL;
	if (!to) {
		s->used = before;
		return -1;
	}
	strncpy(t->name, name, sizeof(t->name) - 1);
	t->columns = count;
	t->row_bytes = row_bytes;
	memcpy(to, columns, count * sizeof(*columns));
	return 0;
}

void *rf_section_row(struct rf_section *s)
{
	struct rf_section_table *t = (struct rf_section_table *)(s->base + s->table);
	void *row = take(s, t->row_bytes);

	if (row)
		t->rows++;
	return row;
}

uint64_t rf_section_close(struct rf_section *s)
{
	align(s);
	((struct rf_section_header *)s->base)->bytes = s->used;
	return s->used;
}

/* ---- reading ---- */

static int good_name(const char *name)
{
	size_t n = strnlen(name, RF_SECTION_NAME);

	return n && n < RF_SECTION_NAME &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static int good_column(const struct rf_section_column *c, uint32_t row_bytes)
{
	static const uint32_t size[RF_SECTION_TYPES] = {4, 4, 8, 8, 0};

	return good_name(c->name) && c->type < RF_SECTION_TYPES && c->bytes &&
	       (!size[c->type] || c->bytes == size[c->type]) && c->offset <= row_bytes &&
	       c->bytes <= row_bytes - c->offset;
}

int rf_section_next(const void *bytes, uint64_t n, uint64_t *at, struct rf_section_view *v,
		    struct rf_error *err)
{
	const struct rf_section_header *h = bytes;
	uint64_t left, rows;

	if (!n)
		return 0;
	if (!*at) {
		if (n < sizeof(*h) || memcmp(h->magic, RF_SECTION_MAGIC, sizeof(h->magic)) ||
		    h->bytes != n)
			return rf_error_set(err, EINVAL, "the MPI section has no header");
		*at = sizeof(*h);
	}
	if (*at >= n)
		return 0;
	left = n - *at;
	v->table = (const struct rf_section_table *)((const char *)bytes + *at);
	if (left < sizeof(*v->table) || v->table->columns > RF_SECTION_COLUMNS ||
	    !good_name(v->table->name) || !v->table->row_bytes ||
	    v->table->row_bytes > ROW_BYTES_MAX)
		return rf_error_set(err, EINVAL, "a table of the MPI section is damaged");
	left -= sizeof(*v->table);
	v->column = (const struct rf_section_column *)(v->table + 1);
	rows = v->table->rows;
	if (left < v->table->columns * sizeof(*v->column) ||
	    rows > (left - v->table->columns * sizeof(*v->column)) / v->table->row_bytes)
		return rf_error_set(err, EINVAL, "the MPI section ends within the table of %s",
				    v->table->name);
	v->rows = (const char *)(v->column + v->table->columns);
	for (uint32_t i = 0; i < v->table->columns; i++)
		if (!good_column(&v->column[i], v->table->row_bytes))
			return rf_error_set(err, EINVAL,
					    "column %u of the MPI section's %s is damaged", i,
					    v->table->name);
	for (uint32_t i = 0; i < v->table->columns; i++)
		for (uint64_t r = 0; v->column[i].type == RF_SECTION_TEXT && r < rows; r++)
			if (!memchr(rf_section_text(v, r, i), 0, v->column[i].bytes))
				return rf_error_set(err, EINVAL,
						    "a text in the MPI section's %s has no end",
						    v->table->name);
	*at = aligned((uint64_t)(v->rows - (const char *)bytes) + rows * v->table->row_bytes);
	return 1;
}

int64_t rf_section_number(const struct rf_section_view *v, uint64_t row, uint32_t column)
{
	const struct rf_section_column *c = &v->column[column];
	const char *from = v->rows + row * v->table->row_bytes + c->offset;
	union {
		uint32_t u32;
		int32_t i32;
		uint64_t u64;
		int64_t i64;
	} value;

	memcpy(&value, from, c->bytes <= sizeof(value) ? c->bytes : sizeof(value));
	switch ((enum rf_section_type)c->type) {
	case RF_SECTION_U32:
		return value.u32;
	case RF_SECTION_I32:
		return value.i32;
	case RF_SECTION_U64:
		return value.u64 > INT64_MAX ? INT64_MAX : (int64_t)value.u64;
	default:
		return value.i64;
	}
}

const char *rf_section_text(const struct rf_section_view *v, uint64_t row, uint32_t column)
{
	return v->rows + row * v->table->row_bytes + v->column[column].offset;
}
