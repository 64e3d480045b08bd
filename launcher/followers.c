/* SPDX-License-Identifier: BSD-3-Clause */
#include "followers.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "wire/message.h"

struct follower {
	struct rf_followers *all;
	struct rf_client *client;
	struct rf_events_ear *ear;
	struct follower *prev, *next;
};

struct rf_followers {
	struct rf_events *events;
	struct follower *list;
};

static void say_line(const char *line, void *client)
{
	rf_client_say(client, rf_message_create(NULL, "event", "{s:s}", "line", line));
}

static void end(struct follower *follower)
{
	rf_events_unlisten(follower->all->events, follower->ear);
	DL_DELETE(follower->all->list, follower);
	rf_client_end(follower->client, rf_message_create(NULL, "complete", NULL));
	free(follower);
}

static void on_event(const json_t *event, const char *line, void *data)
{
	struct follower *follower = data;

	(void)event;
	say_line(line, follower->client);
	if (rf_client_unread(follower->client) > RF_FOLLOWERS_UNREAD)
		end(follower);
}

void rf_followers_add(struct rf_followers *all, struct rf_client *client, const json_t *request)
{
	struct follower *follower;
	struct rf_error err;
	int follow = 0;

	rf_message_unpack(request, NULL, "{s?b}", "follow", &follow);
	rf_events_each(all->events, say_line, client);
	if (!follow) {
		rf_client_end(client, rf_message_create(NULL, "complete", NULL));
		return;
	}
	follower = calloc(1, sizeof(*follower));
	if (follower)
		follower->ear = rf_events_listen(all->events, on_event, follower);
	if (!follower || !follower->ear) {
		free(follower);
		rf_error_set(&err, ENOMEM, "the job has no memory for its events");
		rf_client_fail(client, &err);
		return;
	}
	follower->all = all;
	follower->client = client;
	DL_APPEND(all->list, follower);
}

void rf_followers_withdraw(struct rf_followers *all, struct rf_client *client)
{
	struct follower *follower;

	DL_SEARCH_SCALAR(all->list, follower, client, client);
	if (follower)
		end(follower);
}

struct rf_followers *rf_followers_create(struct rf_events *events)
{
	struct rf_followers *all = calloc(1, sizeof(*all));

	if (all)
		all->events = events;
	return all;
}

void rf_followers_destroy(struct rf_followers *all)
{
	if (!all)
		return;
	while (all->list)
		end(all->list);
	free(all);
}
