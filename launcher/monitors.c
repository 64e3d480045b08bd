/* SPDX-License-Identifier: BSD-3-Clause */
#include "monitors.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "plan.h"
#include "say.h"
#include "timer.h"
#include "util/clock.h"
#include "util/hostlist.h"

struct monitor {
	struct rf_monitors *all;
	unsigned number;
	struct rf_plugin *plugin;
	struct event *next;	  /* the next look */
	long long began_ms;	  /* the last one */
	json_t *hosts;		  /* of the look under way */
	char said[RF_ERROR_TEXT]; /* of the last failure; "" after a success */
};

struct rf_monitors {
	struct event_base *base;
	const struct rf_monitors_ops *ops;
	void *data;
	struct monitor *list;
	unsigned count;
	bool begun;
};

/* A host of ours, found by its name up to the first dot. */
struct ours {
	char key[RF_HOSTLIST_NAME + 1];
	const char *name;
	struct ours *same; /* another one with that key */
	UT_hash_handle hh;
};

/* The words of an answer that are about our hosts. */
struct words {
	struct ours *ours, *table;
	struct rf_word *list;
	unsigned used, room, named;
};

static void make_key(const char *name, char key[RF_HOSTLIST_NAME + 1])
{
	size_t i, n = isdigit((unsigned char)*name) ? strlen(name) : strcspn(name, ".");

	for (i = 0; i < n && i < RF_HOSTLIST_NAME; i++)
		key[i] = (char)tolower((unsigned char)name[i]);
	key[i] = '\0';
}

static int know(struct words *words, const json_t *hosts)
{
	struct ours *one;
	json_t *host;
	size_t i;

	words->ours = calloc(json_array_size(hosts) + 1, sizeof(*words->ours));
	if (!words->ours)
		return -1;
	json_array_foreach(hosts, i, host)
	{
		struct ours *ours = &words->ours[i];

		ours->name = json_string_value(json_object_get(host, "name"));
		make_key(ours->name, ours->key);
		HASH_FIND_STR(words->table, ours->key, one);
		if (one) {
			ours->same = one->same;
			one->same = ours;
		} else {
			HASH_ADD_STR(words->table, key, ours);
		}
	}
	return 0;
}

static void free_words(struct words *words)
{
	HASH_CLEAR(hh, words->table);
	free(words->ours);
	free(words->list);
}

static int add_word(struct words *words, const struct rf_word *word)
{
	if (words->used == words->room) {
		unsigned room = words->room ? 2 * words->room : 16;
		struct rf_word *more = realloc(words->list, room * sizeof(*more));

		if (!more)
			return -1;
		words->list = more;
		words->room = room;
	}
	words->list[words->used++] = *word;
	return 0;
}

static int add_host(struct words *words, const char *name, struct rf_word *word)
{
	char key[RF_HOSTLIST_NAME + 1];
	struct ours *ours;
	int rc = 0;

	make_key(name, key);
	HASH_FIND_STR(words->table, key, ours);
	for (; ours && rc == 0; ours = ours->same) {
		word->host = ours->name;
		if (rf_same_host(name, ours->name))
			rc = add_word(words, word);
	}
	return rc;
}

/* One word may be about many hosts. */
static int add_hosts(struct words *words, const char *named, struct rf_word *word,
		     struct rf_error *err)
{
	struct rf_hostlist *list = rf_hostlist_parse(named, err);
	const char *name;
	int rc = 0;

	if (!list)
		return -1;
	for (name = rf_hostlist_first(list); name && rc == 0; name = rf_hostlist_next(list, name)) {
		if (++words->named > RF_HOSTLIST_MAX)
			rc = rf_error_set(err, E2BIG, "it names more than %d hosts",
					  RF_HOSTLIST_MAX);
		else if (add_host(words, name, word) < 0)
			rc = rf_error_set(err, ENOMEM, "no memory for what it says");
	}
	rf_hostlist_destroy(list);
	return rc;
}

static int read_word(struct words *words, json_t *row, struct rf_error *err)
{
	const char *host, *state, *reason = NULL;
	json_int_t deadline;
	struct rf_word word;
	int s = 0;

	if (json_unpack(row, "{s:s, s:s, s:I, s?s}", "host", &host, "state", &state, "deadline",
			&deadline, "reason", &reason) < 0)
		return rf_error_set(err, EPROTO, "it says something that is no word on a host");
	word = (struct rf_word){.ends = strcmp(state, "ends") == 0};
	if (word.ends)
		state = "ok";
	while (s < RF_HOST_STATES && strcmp(state, rf_host_state_name((enum rf_host_state)s)) != 0)
		s++;
	if (s == RF_HOST_STATES)
		return rf_error_set(err, EPROTO, "it says that %.64s is %.64s", host, state);
	word.state = (enum rf_host_state)s;
	word.deadline_s = deadline;
	word.reason = reason;
	return add_hosts(words, host, &word, err);
}

static void say_failure(struct monitor *m, const struct rf_error *why)
{
	if (strcmp(m->said, why->text) == 0)
		return;
	strcpy(m->said, why->text);
	rf_say("the %s can not tell how hosts are: %s; what it said before remains",
	       rf_plugin_name(m->plugin), why->text);
}

static void schedule(struct monitor *m)
{
	long long ms = m->began_ms + rf_plugin_every_ms(m->plugin) - rf_clock_ms();

	if (ms < 0)
		ms = 0;
	rf_later(m->next, ms);
}

static void on_words(const json_t *answer, const struct rf_error *why, void *data)
{
	struct monitor *m = data;
	struct words words = {0};
	struct rf_error err;
	json_t *row;
	size_t i;
	int rc = 0;

	if (why)
		err = *why;
	else if ((rc = know(&words, m->hosts)) < 0)
		rf_error_set(&err, ENOMEM, "no memory for its hosts");
	json_array_foreach(json_object_get(answer, "words"), i, row)
	{
		if (rc == 0)
			rc = read_word(&words, row, &err);
	}
	/* how a plugin itself has failed is said when it is switched off */
	if (rc < 0 || (why && why->code == EIO)) {
		say_failure(m, &err);
	} else if (!why) {
		*m->said = '\0';
		m->all->ops->hear(m->number, rf_plugin_name(m->plugin), words.list, words.used,
				  m->all->data);
	}
	free_words(&words);
	json_decref(m->hosts);
	m->hosts = NULL;
}

static void on_next(evutil_socket_t fd, short what, void *data)
{
	struct monitor *m = data;

	(void)fd;
	(void)what;
	if (!rf_plugin_is_ready(m->plugin))
		return; /* on_ready() follows */
	m->began_ms = rf_clock_ms();
	m->hosts = m->all->ops->hosts(m->all->data);
	rf_plugin_ask(m->plugin, json_pack("{s:s, s:O}", "do", "look", "hosts", m->hosts), on_words,
		      m);
}

static void on_ready(struct rf_plugin *plugin, void *data)
{
	struct monitor *m = data;

	(void)plugin;
	if (m->all->begun)
		schedule(m);
}

/* What it said may have been wrong all the time. */
static void on_off(struct rf_plugin *plugin, void *data)
{
	struct monitor *m = data;

	m->all->ops->hear(m->number, rf_plugin_name(plugin), NULL, 0, m->all->data);
}

static int start(struct monitor *m, struct rf_plugin_spec *spec, struct rf_error *err)
{
	static const struct rf_plugin_ops ops = {on_ready, on_off};

	m->next = evtimer_new(m->all->base, on_next, m);
	if (!m->next)
		return rf_error_set(err, ENOMEM, "no memory for a monitor");
	m->plugin = rf_plugin_start(m->all->base, spec, &ops, m, err);
	return m->plugin ? 0 : -1;
}

struct rf_monitors *rf_monitors_create(struct event_base *base, struct rf_plugin_spec *spec,
				       unsigned count, const struct rf_monitors_ops *ops,
				       void *data, struct rf_error *err)
{
	struct rf_monitors *all = calloc(1, sizeof(*all));

	if (all)
		all->list = calloc(count + 1, sizeof(*all->list));
	if (!all || !all->list || count > RF_WARDEN_MONITORS) {
		free(all ? all->list : NULL);
		free(all);
		rf_error_set(err, count > RF_WARDEN_MONITORS ? E2BIG : ENOMEM,
			     "%u monitors are too many", count);
		return NULL;
	}
	all->base = base;
	all->ops = ops;
	all->data = data;
	for (; all->count < count; all->count++) {
		struct monitor *m = &all->list[all->count];

		m->all = all;
		m->number = all->count;
		if (start(m, &spec[all->count], err) == 0)
			continue;
		if (m->next)
			event_free(m->next);
		rf_monitors_destroy(all);
		return NULL;
	}
	return all;
}

int rf_monitors_await(struct rf_monitors *all, struct rf_error *err)
{
	unsigned i;

	for (i = 0; i < all->count; i++)
		if (rf_plugin_await(all->base, all->list[i].plugin, err) < 0)
			return -1;
	return 0;
}

void rf_monitors_begin(struct rf_monitors *all)
{
	unsigned i;

	if (!all)
		return;
	all->begun = true;
	for (i = 0; i < all->count; i++)
		if (rf_plugin_is_ready(all->list[i].plugin))
			schedule(&all->list[i]);
}

void rf_monitors_destroy(struct rf_monitors *all)
{
	unsigned i;

	if (!all)
		return;
	for (i = 0; i < all->count; i++)
		rf_plugin_stop(all->list[i].plugin);
	for (i = 0; i < all->count; i++) {
		rf_plugin_destroy(all->list[i].plugin);
		event_free(all->list[i].next);
		json_decref(all->list[i].hosts);
	}
	free(all->list);
	free(all);
}
