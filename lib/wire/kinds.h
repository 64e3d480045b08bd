/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of message kinds: what each says and which members it has. To add a kind, add a row in
 * kinds.c; docs/protocol.md describes them for people.
 */
#ifndef RF_WIRE_KINDS_H
#define RF_WIRE_KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum rf_member_type {
	RF_MEMBER_TEXT = 1, /* a string, UTF-8, without zero bytes */
	RF_MEMBER_COUNT,    /* an integer from 0 to 2^31 - 1 */
	RF_MEMBER_NUMBER,   /* any integer */
	RF_MEMBER_FLAG,	    /* true or false */
	RF_MEMBER_TEXTS,    /* a list of texts */
	RF_MEMBER_COUNTS,   /* a list of counts */
	RF_MEMBER_BODY, /* bytes as base64 (RFC 4648, with padding), longer than a text may be */
};

struct rf_member {
	const char *name; /* NULL ends the list */
	enum rf_member_type type;
	bool optional;
};

#define RF_KIND_MEMBERS 15

struct rf_kind {
	const char *name;
	struct rf_member members[RF_KIND_MEMBERS + 1];
};

/* The row of `name`, or NULL. */
const struct rf_kind *rf_kind_find(const char *name);

/* The row at `index`, from 0; NULL behind the last. */
const struct rf_kind *rf_kind_at(size_t index);

#endif
