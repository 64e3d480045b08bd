/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A YAML document as a tree in which each value knows where it stands. Only what a policy needs:
 * one document of texts, lists and maps, with unique keys, without anchors, aliases and tags.
 */
#ifndef RF_POLICY_NODE_H
#define RF_POLICY_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/faults.h"

#define RF_NODE_BYTES 24576 /* of a document: it fits into a request (launcher/control.h) */
#define RF_NODE_DEPTH 8	    /* lists and maps in each other */
#define RF_NODE_COUNT 4096

enum rf_node_kind { RF_NODE_TEXT, RF_NODE_LIST, RF_NODE_MAP };

struct rf_node {
	enum rf_node_kind kind;
	int line, column;
	char *text; /* of RF_NODE_TEXT; printable, without newlines */
	bool empty; /* nothing stands there: not even "" */
	/* as a member of a map */
	char *name;
	int name_line, name_column;
	/* the members of a list or map, in their order */
	struct rf_node *first, *last, *next;
};

/*
 * The document in `text`, which is called `file` in faults. NULL, with a fault or more, if it is
 * not one as above. An empty document is an empty map.
 */
struct rf_node *rf_node_parse(const char *text, size_t size, const char *file,
			      struct rf_policy_faults *faults);

/* The member of a map, or NULL. */
struct rf_node *rf_node_member(const struct rf_node *map, const char *name);

/* NULL is allowed. */
void rf_node_destroy(struct rf_node *node);

#endif
