/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/hostlist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* no memory for the hash table: uthash undoes the addition, and add_name() finds it missing */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define DIGITS_MAX 9 /* of a number in [...], so that it fits an unsigned long anywhere */

struct host {
	UT_hash_handle hh; /* also the order */
	char name[];
};

struct rf_hostlist {
	struct host *hosts;
};

struct rf_hostlist *rf_hostlist_create(void)
{
	return calloc(1, sizeof(struct rf_hostlist));
}

void rf_hostlist_destroy(struct rf_hostlist *list)
{
	struct host *host, *next;

	if (!list)
		return;
	HASH_ITER(hh, list->hosts, host, next)
	{
		HASH_DEL(list->hosts, host);
		free(host);
	}
	free(list);
}

size_t rf_hostlist_count(const struct rf_hostlist *list)
{
	return list ? HASH_COUNT(list->hosts) : 0;
}

static struct host *find(const struct rf_hostlist *list, const char *name)
{
	struct host *host = NULL;

	if (list && name)
		HASH_FIND_STR(list->hosts, name, host);
	return host;
}

bool rf_hostlist_contains(const struct rf_hostlist *list, const char *name)
{
	return find(list, name) != NULL;
}

/* How many bytes at `text` can be in a name. */
static size_t name_span(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return strspn(text, allowed);
}

static const char *name_fault(const char *name)
{
	if (!*name)
		return "a host name is missing";
	if (*name == '-' || *name == '.')
		return "a host name can not begin with '-' or '.'";
	if (name[name_span(name)])
		return "this can not be in a host name";
	if (strlen(name) > RF_HOSTLIST_NAME)
		return "a host name is too long";
	return NULL;
}

/* Adds a name that is not known to be a name yet; returns what is wrong with it, or NULL. */
static const char *add_name(struct rf_hostlist *list, const char *name)
{
	const char *fault = name_fault(name);
	struct host *host;

	if (fault || find(list, name))
		return fault;
	if (HASH_COUNT(list->hosts) >= RF_HOSTLIST_MAX)
		return "there are too many hosts";
	host = calloc(1, sizeof(*host) + strlen(name) + 1);
	if (!host)
		return "out of memory";
	strcpy(host->name, name);
	HASH_ADD_STR(list->hosts, name, host);
	if (!find(list, name)) {
		free(host);
		return "out of memory";
	}
	return NULL;
}

int rf_hostlist_add(struct rf_hostlist *list, const char *name, struct rf_error *err)
{
	const char *fault = list && name ? add_name(list, name) : "a host name is missing";

	if (fault)
		return rf_error_set(err, EINVAL, "host \"%.64s\": %s", name ? name : "", fault);
	return 0;
}

bool rf_hostlist_remove(struct rf_hostlist *list, const char *name)
{
	struct host *host = find(list, name);

	if (!host)
		return false;
	HASH_DEL(list->hosts, host);
	free(host);
	return true;
}

int rf_hostlist_union(struct rf_hostlist *list, const struct rf_hostlist *other,
		      struct rf_error *err)
{
	const char *name;

	for (name = rf_hostlist_first(other); name; name = rf_hostlist_next(other, name))
		if (rf_hostlist_add(list, name, err) < 0)
			return -1;
	return 0;
}

void rf_hostlist_subtract(struct rf_hostlist *list, const struct rf_hostlist *other)
{
	struct host *host, *next;

	if (!list)
		return;
	HASH_ITER(hh, list->hosts, host, next)
	{
		if (rf_hostlist_contains(other, host->name)) {
			HASH_DEL(list->hosts, host);
			free(host);
		}
	}
}

const char *rf_hostlist_first(const struct rf_hostlist *list)
{
	return list && list->hosts ? list->hosts->name : NULL;
}

const char *rf_hostlist_next(const struct rf_hostlist *list, const char *name)
{
	struct host *host = find(list, name);

	return host && host->hh.next ? ((struct host *)host->hh.next)->name : NULL;
}

/* Where a parse is, and what stopped it. */
struct parse {
	struct rf_hostlist *list;
	const char *text, *at;
	const char *fault;
};

/* A number of up to DIGITS_MAX digits; returns how many, or 0 and the fault. */
static int parse_number(struct parse *p, unsigned long *value, bool *padded)
{
	size_t digits = strspn(p->at, "0123456789");

	if (digits == 0)
		p->fault = "a number is missing";
	else if (digits > DIGITS_MAX)
		p->fault = "this number is too large";
	if (p->fault)
		return 0;
	*value = strtoul(p->at, NULL, 10);
	*padded |= *p->at == '0' && digits > 1;
	p->at += digits;
	return (int)digits;
}

/* One range within [...]; all of its names are added. */
static void parse_range(struct parse *p, const char *prefix, size_t prefix_length,
			const char *suffix, size_t suffix_length)
{
	char name[RF_HOSTLIST_NAME + DIGITS_MAX + 1];
	unsigned long first, last;
	const char *start = p->at;
	bool padded = false;
	int width, digits;

	width = digits = parse_number(p, &first, &padded);
	last = first;
	if (width && *p->at == '-') {
		p->at++;
		digits = parse_number(p, &last, &padded);
	}
	if (p->fault)
		return;
	if (last < first)
		p->fault = "this range runs backwards";
	else if (padded && digits != width)
		p->fault = "the numbers of this range differ in width";
	else if (last - first >= RF_HOSTLIST_MAX)
		p->fault = "there are too many hosts";
	else if (prefix_length + digits + suffix_length > RF_HOSTLIST_NAME)
		p->fault = "a host name is too long";
	for (; !p->fault && first <= last; first++) {
		snprintf(name, sizeof(name), "%.*s%0*lu%.*s", (int)prefix_length, prefix, width,
			 first, (int)suffix_length, suffix);
		p->fault = add_name(p->list, name);
	}
	if (p->fault)
		p->at = start;
}

static void parse_item(struct parse *p)
{
	char name[RF_HOSTLIST_NAME + 1];
	const char *prefix = p->at, *close;
	size_t prefix_length = name_span(prefix), suffix_length;

	if (prefix[prefix_length] != '[') {
		p->fault = prefix_length ? NULL : "a host name is missing";
		if (prefix_length > RF_HOSTLIST_NAME)
			p->fault = "a host name is too long";
		if (p->fault)
			return;
		memcpy(name, prefix, prefix_length);
		name[prefix_length] = '\0';
		p->fault = add_name(p->list, name);
		if (!p->fault)
			p->at += prefix_length;
		return;
	}
	close = strchr(prefix, ']');
	if (!close) {
		p->at += prefix_length;
		p->fault = "this '[' is never closed";
		return;
	}
	suffix_length = name_span(close + 1);
	p->at += prefix_length + 1;
	for (;;) {
		parse_range(p, prefix, prefix_length, close + 1, suffix_length);
		if (p->fault || *p->at != ',')
			break;
		p->at++;
	}
	if (!p->fault && *p->at != ']')
		p->fault = "',', '-' or ']' must come here";
	if (p->fault)
		return;
	p->at = close + 1 + suffix_length;
	if (*p->at == '[')
		p->fault = "a host name has one [...] only";
}

struct rf_hostlist *rf_hostlist_parse(const char *text, struct rf_error *err)
{
	struct parse p = {.text = text, .at = text};

	if (!text) {
		rf_error_set(err, EINVAL, "no host list given");
		return NULL;
	}
	p.list = rf_hostlist_create();
	if (!p.list) {
		rf_error_errno(err, "host list");
		return NULL;
	}
	do {
		parse_item(&p);
		if (!p.fault && *p.at && *p.at != ',')
			p.fault = "this can not be in a host name";
	} while (!p.fault && *p.at++ == ',');
	if (p.fault) {
		rf_error_set(err, EINVAL, "host list \"%.200s\", character %zu: %s", text,
			     (size_t)(p.at - text) + 1, p.fault);
		rf_hostlist_destroy(p.list);
		return NULL;
	}
	return p.list;
}

/* A name taken apart at its last number: prefix, digits, suffix. No digits: all prefix. */
struct parts {
	const char *name, *suffix;
	int prefix_length, width;
	unsigned long number;
	bool padded;
};

static struct parts take_apart(const char *name)
{
	struct parts parts = {.name = name, .prefix_length = (int)strlen(name)};
	const char *end = name + strlen(name), *start;

	while (end > name && (end[-1] < '0' || end[-1] > '9'))
		end--;
	for (start = end; start > name && start[-1] >= '0' && start[-1] <= '9';)
		start--;
	parts.suffix = name + parts.prefix_length;
	if (start == end || end - start > DIGITS_MAX)
		return parts;
	parts.suffix = end;
	parts.prefix_length = (int)(start - name);
	parts.width = (int)(end - start);
	parts.number = strtoul(start, NULL, 10);
	parts.padded = *start == '0' && parts.width > 1;
	return parts;
}

static bool same_family(const struct parts *a, const struct parts *b)
{
	return a->width && b->width && a->prefix_length == b->prefix_length &&
	       memcmp(a->name, b->name, a->prefix_length) == 0 && strcmp(a->suffix, b->suffix) == 0;
}

/* May b stand in the range that a began and whose last is `last`? */
static bool continues(const struct parts *a, const struct parts *last, const struct parts *b)
{
	if (b->number != last->number + 1)
		return false;
	return a->padded ? b->width == a->width : !b->padded;
}

/* Writes the names from `host` on that share one [...]; returns the first that does not. */
static const struct host *format_family(FILE *out, const struct host *host)
{
	struct parts first = take_apart(host->name), start = first, last = first, next;
	const struct host *h = host->hh.next;
	bool alone = true;

	fprintf(out, "%.*s", first.prefix_length, first.name);
	for (;; h = h->hh.next) {
		if (h)
			next = take_apart(h->name);
		if (h && same_family(&first, &next)) {
			if (alone)
				fputc('[', out);
			alone = false;
			if (continues(&start, &last, &next)) {
				last = next;
				continue;
			}
		} else if (alone) {
			fprintf(out, "%s", first.name + first.prefix_length);
			return h;
		}
		fprintf(out, "%0*lu", start.width, start.number);
		if (last.number != start.number)
			fprintf(out, "-%0*lu", last.width, last.number);
		if (!h || !same_family(&first, &next)) {
			fprintf(out, "]%s", first.suffix);
			return h;
		}
		fputc(',', out);
		start = last = next;
	}
}

char *rf_hostlist_format(const struct rf_hostlist *list)
{
	const struct host *host = list ? list->hosts : NULL;
	char *text = NULL;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	while (host) {
		host = format_family(out, host);
		if (host)
			fputc(',', out);
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
