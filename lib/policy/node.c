/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy/node.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	bool holds; /* an event that has not been deleted */
	const char *text, *file;
	size_t size;
	struct rf_policy_faults *faults;
	unsigned count;
};

static int fault(struct reader *r, const yaml_mark_t *at, const char *what)
{
	return rf_policy_fault(r->faults, r->file, (int)at->line + 1, (int)at->column + 1, "%s",
			       what);
}

/* What libyaml says of bytes has an offset only. */
static int bad_byte(struct reader *r)
{
	yaml_mark_t at = {0};
	size_t i;

	for (i = 0; i < r->parser.problem_offset && i < r->size; i++) {
		at.column++;
		if (r->text[i] == '\n') {
			at.line++;
			at.column = 0;
		} else if (((unsigned char)r->text[i] & 0xc0) == 0x80) {
			at.column--; /* a column is a character */
		}
	}
	return fault(r, &at, "this byte can not be in a text");
}

static int next(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (r->holds)
		yaml_event_delete(&r->event);
	r->holds = yaml_parser_parse(&r->parser, &r->event);
	if (r->holds)
		return 0;
	switch (p->error) {
	case YAML_READER_ERROR:
		return bad_byte(r);
	case YAML_MEMORY_ERROR:
		return rf_policy_fault(r->faults, r->file, 0, 0, "no memory to read it");
	default:
		return rf_policy_fault(r->faults, r->file, (int)p->problem_mark.line + 1,
				       (int)p->problem_mark.column + 1, "this is not YAML: %s%s%s",
				       p->problem, p->context ? ", " : "",
				       p->context ? p->context : "");
	}
}

/*
 * Is it a text for one line, and one that could stand in a file as it is? UTF-8 it is already, but
 * escapes can say what libyaml refuses as bytes.
 */
static bool is_line(const unsigned char *text, size_t size)
{
	static const char *const others[] = {"\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf",
					     "\xef\xbf\xbe", "\xef\xbf\xbf"};
	size_t i, k;

	for (i = 0; i < size; i++) {
		if (text[i] < 0x20 || text[i] == 0x7f ||
		    (text[i] == 0xc2 && i + 1 < size && text[i + 1] < 0xa0))
			return false;
		for (k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			if (size - i >= 3 && memcmp(text + i, others[k], 3) == 0)
				return false;
	}
	return true;
}

static struct rf_node *make(struct reader *r, enum rf_node_kind kind)
{
	const yaml_mark_t *at = &r->event.start_mark;
	struct rf_node *node;

	if (++r->count > RF_NODE_COUNT) {
		fault(r, at, "there are too many values");
		return NULL;
	}
	node = calloc(1, sizeof(*node));
	if (!node) {
		fault(r, at, "no memory to read it");
		return NULL;
	}
	node->kind = kind;
	node->line = (int)at->line + 1;
	node->column = (int)at->column + 1;
	return node;
}

static struct rf_node *read_text(struct reader *r)
{
	const yaml_event_t *e = &r->event;
	struct rf_node *node;

	if (e->data.scalar.anchor || e->data.scalar.tag) {
		fault(r, &e->start_mark, "anchors and tags have no meaning in a policy");
		return NULL;
	}
	if (!is_line(e->data.scalar.value, e->data.scalar.length)) {
		fault(r, &e->start_mark, "this text has a control character or a newline in it");
		return NULL;
	}
	node = make(r, RF_NODE_TEXT);
	if (!node)
		return NULL;
	node->empty = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && e->data.scalar.length == 0;
	node->text = strdup((const char *)e->data.scalar.value);
	if (node->text)
		return node;
	fault(r, &e->start_mark, "no memory to read it");
	rf_node_destroy(node);
	return NULL;
}

static struct rf_node *read_node(struct reader *r, int depth);

/* The event is a member's key. Sets the name of `member`, which has none of its own yet. */
static int read_key(struct reader *r, const struct rf_node *map, struct rf_node *key)
{
	const yaml_event_t *e = &r->event;
	const struct rf_node *same;

	if (e->type != YAML_SCALAR_EVENT)
		return fault(r, &e->start_mark, "a key is a word, not a list, a map or an alias");
	if (e->data.scalar.anchor || e->data.scalar.tag)
		return fault(r, &e->start_mark, "anchors and tags have no meaning in a policy");
	if (!is_line(e->data.scalar.value, e->data.scalar.length))
		return fault(r, &e->start_mark, "this key has a control character in it");
	key->name_line = (int)e->start_mark.line + 1;
	key->name_column = (int)e->start_mark.column + 1;
	same = rf_node_member(map, (const char *)e->data.scalar.value);
	if (same)
		return rf_policy_fault(r->faults, r->file, key->name_line, key->name_column,
				       "key '%.64s' is given twice, first in line %d", same->name,
				       same->name_line);
	key->name = strdup((const char *)e->data.scalar.value);
	return key->name ? 0 : fault(r, &e->start_mark, "no memory to read it");
}

static void append(struct rf_node *parent, struct rf_node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

static int read_member(struct reader *r, struct rf_node *parent, int depth)
{
	struct rf_node key = {0}, *child;

	if (parent->kind == RF_NODE_MAP && (read_key(r, parent, &key) < 0 || next(r) < 0)) {
		free(key.name);
		return -1;
	}
	child = read_node(r, depth + 1);
	if (!child) {
		free(key.name);
		return -1;
	}
	child->name = key.name;
	child->name_line = key.name_line;
	child->name_column = key.name_column;
	append(parent, child);
	return 0;
}

/* The event is its first; the last one of it stays. */
static struct rf_node *read_node(struct reader *r, int depth)
{
	const yaml_event_t *e = &r->event;
	bool map = e->type == YAML_MAPPING_START_EVENT, tagged;
	struct rf_node *node;

	if (e->type == YAML_SCALAR_EVENT)
		return read_text(r);
	if (e->type == YAML_ALIAS_EVENT) {
		fault(r, &e->start_mark, "anchors and aliases have no meaning in a policy");
		return NULL;
	}
	tagged = map ? e->data.mapping_start.anchor || e->data.mapping_start.tag
		     : e->data.sequence_start.anchor || e->data.sequence_start.tag;
	if (tagged || depth >= RF_NODE_DEPTH) {
		fault(r, &e->start_mark,
		      tagged ? "anchors and tags have no meaning in a policy"
			     : "there are too many lists and maps in each other");
		return NULL;
	}
	node = make(r, map ? RF_NODE_MAP : RF_NODE_LIST);
	while (node && next(r) == 0) {
		if (e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT)
			return node;
		if (read_member(r, node, depth) < 0)
			break;
	}
	rf_node_destroy(node);
	return NULL;
}

static struct rf_node *read_stream(struct reader *r)
{
	struct rf_node *root;

	if (next(r) < 0 || next(r) < 0) /* the stream's begin, and what follows it */
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT) /* nothing, or comments */
		return make(r, RF_NODE_MAP);
	if (next(r) < 0)
		return NULL;
	root = read_node(r, 0);
	if (!root)
		return NULL;
	if (next(r) == 0 && next(r) == 0) { /* the document's end, and what follows it */
		if (r->event.type == YAML_STREAM_END_EVENT)
			return root;
		fault(r, &r->event.start_mark, "a policy is one document; another begins here");
	}
	rf_node_destroy(root);
	return NULL;
}

struct rf_node *rf_node_parse(const char *text, size_t size, const char *file,
			      struct rf_policy_faults *faults)
{
	struct reader r = {.text = text, .file = file, .size = size, .faults = faults};
	struct rf_node *root;

	if (size > RF_NODE_BYTES) {
		rf_policy_fault(faults, file, 0, 0, "more than %d bytes are no policy",
				RF_NODE_BYTES);
		return NULL;
	}
	if (!yaml_parser_initialize(&r.parser)) {
		rf_policy_fault(faults, file, 0, 0, "no memory to read it");
		return NULL;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
	root = read_stream(&r);
	if (r.holds)
		yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return root;
}

struct rf_node *rf_node_member(const struct rf_node *map, const char *name)
{
	struct rf_node *child;

	for (child = map->first; child; child = child->next)
		if (child->name && strcmp(child->name, name) == 0)
			return child;
	return NULL;
}

void rf_node_destroy(struct rf_node *node)
{
	struct rf_node *child, *after;

	if (!node)
		return;
	for (child = node->first; child; child = after) {
		after = child->next;
		rf_node_destroy(child);
	}
	free(node->text);
	free(node->name);
	free(node);
}
