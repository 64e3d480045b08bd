/* SPDX-License-Identifier: BSD-3-Clause */
#include "choices.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "say.h"
#include "snapshot/store.h"
#include "verification.h"

static unsigned number_of(const struct rf_choice *choice)
{
	return rf_store_number(strrchr(choice->path, '/') + 1);
}

/* Its number, if it is on the hosts only; 0: it is in the store. */
static unsigned number_on_hosts(const struct rf_choices *c, const struct rf_choice *choice)
{
	return c->shelf ? rf_shelf_number(c->shelf, choice->path) : 0;
}

bool rf_choices_on_hosts(const struct rf_choices *c, const struct rf_choice *choice)
{
	return number_on_hosts(c, choice);
}

static struct rf_choice *add(struct rf_choices *c, const char *path, struct rf_choice *before)
{
	struct rf_choice *choice = calloc(1, sizeof(*choice));

	if (choice)
		choice->path = strdup(path);
	if (!choice || !choice->path) {
		free(choice);
		rf_say("no memory to remember the snapshot %s", path);
		return NULL;
	}
	DL_PREPEND_ELEM(c->list, before, choice);
	return choice;
}

struct rf_choice *rf_choices_add(struct rf_choices *c, const char *path)
{
	return add(c, path, c->list);
}

static struct rf_choice *newest(const struct rf_choices *c)
{
	struct rf_choice *choice;

	DL_FOREACH(c->list, choice)
	{
		if (!choice->bad)
			return choice;
	}
	return NULL;
}

bool rf_choices_any(const struct rf_choices *c)
{
	return newest(c) || (c->shelf && rf_shelf_unstored(c->shelf, 0));
}

void rf_choices_recall(struct rf_choices *c)
{
	struct rf_choice *older;
	unsigned number = 0;
	char *path;

	while (c->shelf && (number = rf_shelf_unstored(c->shelf, number))) {
		path = rf_shelf_name(c->shelf, number);
		DL_FOREACH(c->list, older)
		{
			if (older == c->given || number_of(older) <= number)
				break;
		}
		if (path && older && strcmp(older->path, path) == 0)
			older->bad = false; /* that was another one of its name */
		else if (path)
			add(c, path, older);
		free(path);
	}
}

struct rf_choice *rf_choices_take(struct rf_choices *c, int *signal)
{
	struct rf_choice *choice;
	struct rf_error err;

	*signal = 0;
	while ((choice = newest(c))) {
		if (number_on_hosts(c, choice) || rf_verification(choice->path, signal, &err) == 0)
			return choice;
		if (*signal)
			return NULL;
		rf_say("%s; an older snapshot is tried", err.text);
		choice->bad = true;
	}
	return NULL;
}

bool rf_choices_at_hand(struct rf_choices *c, struct rf_choice *choice, char *const host[],
			unsigned ranks, const struct rf_hostlist *failed)
{
	unsigned number = number_on_hosts(c, choice);
	struct rf_error err;

	if (!number || rf_shelf_check(c->shelf, number, host, ranks, failed, &err) == 0)
		return true;
	rf_say("%s; an older snapshot is tried", err.text);
	rf_choices_spoil(c, choice);
	return false;
}

bool rf_choices_possible(const struct rf_choices *c, char *const host[], unsigned ranks,
			 const struct rf_hostlist *failed)
{
	const struct rf_choice *choice;
	struct rf_error err;
	unsigned number;

	DL_FOREACH(c->list, choice)
	{
		number = number_on_hosts(c, choice);
		if (!choice->bad &&
		    (!number || rf_shelf_check(c->shelf, number, host, ranks, failed, &err) == 0))
			return true;
	}
	return false;
}

void rf_choices_spoil(struct rf_choices *c, struct rf_choice *choice)
{
	unsigned number = number_on_hosts(c, choice);

	choice->bad = true;
	if (number)
		rf_shelf_remove(c->shelf, number);
}

void rf_choices_refuse(struct rf_choices *c, struct rf_choice *choice)
{
	if (c->shelf && !number_on_hosts(c, choice) && !choice->far &&
	    rf_shelf_has(c->shelf, number_of(choice)))
		choice->far = true;
	else
		rf_choices_spoil(c, choice);
}

void rf_choices_clear(struct rf_choices *c)
{
	struct rf_choice *choice, *next;

	DL_FOREACH_SAFE(c->list, choice, next)
	{
		free(choice->path);
		free(choice);
	}
	c->list = c->given = NULL;
}
