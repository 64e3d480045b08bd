/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "shelf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "plan.h"
#include "snapshot/store.h"

struct entry {
	unsigned number, base;
	char **host; /* of each rank's file */
	unsigned ranks;
	bool stored, kept;
	struct entry *prev, *next;
};

struct rf_shelf {
	char *path;
	bool global;
	unsigned last;
	struct entry *entries; /* the oldest first */
};

static const char *place(const struct rf_policy *policy)
{
	const char *tmp = getenv("TMPDIR");

	if (strcmp(policy->snapshot.local, "auto") != 0)
		return policy->snapshot.local;
	return tmp && *tmp == '/' ? tmp : "/tmp";
}

struct rf_shelf *rf_shelf_create(const struct rf_policy *policy, const char *id,
				 struct rf_error *err)
{
	struct rf_shelf *shelf;

	*err = (struct rf_error){0};
	if (!(policy->snapshot.store & 1 << RF_POLICY_LOCAL))
		return NULL;
	shelf = calloc(1, sizeof(*shelf));
	if (!shelf ||
	    asprintf(&shelf->path, "%s/rankferry-%u.local/%s", place(policy), geteuid(), id) < 0) {
		free(shelf);
		rf_error_set(err, ENOMEM, "no memory for snapshots on the hosts");
		return NULL;
	}
	shelf->global = policy->snapshot.store & 1 << RF_POLICY_GLOBAL;
	return shelf;
}

const char *rf_shelf_path(const struct rf_shelf *shelf)
{
	return shelf->path;
}

bool rf_shelf_is_global(const struct rf_shelf *shelf)
{
	return shelf->global;
}

unsigned rf_shelf_next(const struct rf_shelf *shelf)
{
	return shelf->last + 1;
}

char *rf_shelf_name(const struct rf_shelf *shelf, unsigned number)
{
	return rf_store_path(shelf->path, number);
}

unsigned rf_shelf_number(const struct rf_shelf *shelf, const char *path)
{
	size_t n = strlen(shelf->path);

	if (strncmp(path, shelf->path, n) != 0 || path[n] != '/')
		return 0;
	return rf_store_number(path + n + 1);
}

static struct entry *find(const struct rf_shelf *shelf, unsigned number)
{
	struct entry *entry;

	DL_FOREACH(shelf->entries, entry)
	{
		if (entry->number == number)
			return entry;
	}
	return NULL;
}

static void forget(struct rf_shelf *shelf, struct entry *entry)
{
	unsigned i;

	DL_DELETE(shelf->entries, entry);
	for (i = 0; i < entry->ranks; i++)
		free(entry->host[i]);
	free(entry->host);
	free(entry);
}

void rf_shelf_remove(struct rf_shelf *shelf, unsigned number)
{
	struct entry *entry = find(shelf, number);

	if (entry)
		forget(shelf, entry);
}

int rf_shelf_add(struct rf_shelf *shelf, unsigned number, unsigned base,
		 const struct rf_roster *roster, struct rf_error *err)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	unsigned i;

	rf_shelf_remove(shelf, number);
	if (!entry)
		return rf_error_errno(err, "no memory to remember a snapshot");
	DL_APPEND(shelf->entries, entry);
	entry->number = number;
	entry->base = base;
	shelf->last = number;
	entry->host = calloc(roster->count, sizeof(*entry->host));
	entry->ranks = entry->host ? roster->count : 0;
	for (i = 0; i < entry->ranks; i++) {
		entry->host[i] = roster->rank[i].host ? strdup(roster->rank[i].host) : NULL;
		if (!entry->host[i])
			break;
	}
	if (i == roster->count)
		return 0;
	forget(shelf, entry);
	return rf_error_set(err, ENOMEM, "no memory to remember a snapshot");
}

bool rf_shelf_has(const struct rf_shelf *shelf, unsigned number)
{
	return find(shelf, number);
}

void rf_shelf_stored(struct rf_shelf *shelf, unsigned number)
{
	struct entry *entry = find(shelf, number);

	if (entry)
		entry->stored = true;
}

unsigned rf_shelf_unstored(const struct rf_shelf *shelf, unsigned above)
{
	const struct entry *entry;
	unsigned number = 0;

	DL_FOREACH(shelf->entries, entry)
	{
		if (!entry->stored && entry->number > above && (!number || entry->number < number))
			number = entry->number;
	}
	return number;
}

bool rf_shelf_fits(const struct rf_shelf *shelf, unsigned number, const struct rf_roster *roster)
{
	const struct entry *entry = find(shelf, number);
	unsigned i;

	if (!entry || entry->ranks != roster->count)
		return false;
	for (i = 0; i < entry->ranks; i++)
		if (!roster->rank[i].host || strcmp(roster->rank[i].host, entry->host[i]) != 0)
			return false;
	return true;
}

int rf_shelf_check(const struct rf_shelf *shelf, unsigned number, char *const host[],
		   unsigned ranks, const struct rf_hostlist *failed, struct rf_error *err)
{
	const struct entry *entry = find(shelf, number);
	unsigned i;

	if (!entry || entry->ranks != ranks)
		return rf_error_set(err, ENOENT, "snapshot %06u is not on the hosts any more",
				    number);
	for (i = 0; i < ranks; i++)
		if (rf_hostlist_contains(failed, entry->host[i]) ||
		    !rf_same_host(entry->host[i], host[i]))
			return rf_error_set(err, ENOENT,
					    "snapshot %06u can not be used: rank %u's file of it "
					    "was on %s only",
					    number, i, entry->host[i]);
	return 0;
}

static void keep_with_bases(struct rf_shelf *shelf, struct entry *entry)
{
	for (; entry && !entry->kept; entry = find(shelf, entry->base))
		entry->kept = true;
}

void rf_shelf_prune(struct rf_shelf *shelf, unsigned keep)
{
	struct entry *entry, *next;
	unsigned count = 0;

	DL_FOREACH(shelf->entries, entry)
	{
		entry->kept = false;
		count++;
	}
	DL_FOREACH(shelf->entries, entry)
	{
		if (count-- <= keep)
			keep_with_bases(shelf, entry);
	}
	DL_FOREACH_SAFE(shelf->entries, entry, next)
	{
		if (!entry->kept)
			forget(shelf, entry);
	}
}

json_t *rf_shelf_names(const struct rf_shelf *shelf)
{
	const struct entry *entry;
	json_t *list = json_array();
	char name[16];

	DL_FOREACH(shelf->entries, entry)
	{
		snprintf(name, sizeof(name), "%06u", entry->number);
		json_array_append_new(list, json_string(name));
	}
	return list;
}

void rf_shelf_destroy(struct rf_shelf *shelf)
{
	if (!shelf)
		return;
	while (shelf->entries)
		forget(shelf, shelf->entries);
	free(shelf->path);
	free(shelf);
}
