/* SPDX-License-Identifier: BSD-3-Clause */
/* The requests that a plugin's process gets, and its answers. */
#ifndef RF_LAUNCHER_PLUGIN_SERVE_H
#define RF_LAUNCHER_PLUGIN_SERVE_H

/*
 * Each request and each answer is a JSON object on a line; an answer has the request's "id", and
 * "error", a text, if it failed; "note", another, for people:
 *
 *	{"id", "do": "open", "options": {NAME: TEXT}}	-> what rf_plugin_describe() makes
 *	{"id", "do": "look", "hosts": [HOST]}		-> {"words": [WORD]}
 *	{"id", "do": "place", "hosts": [HOST], "rank": [N], "from": [N]}	-> {"to": [N]}
 *	{"id", "do": "notify", "name", "time", "job", "text", "event": {}}	-> {}
 *
 *	HOST = {"name", "cpus", "ranks", "room", "spare"} and, if it is known, what
 *	rf_load_describe() says (load.h)
 *	WORD = {"host", "state": "ok" | "drain" | "unhealthy" | "ends", "deadline": seconds,
 *"reason"}
 *
 * Returns the exit code, when the socket is closed.
 */
int rf_plugin_serve(int socket, const char *path);

#endif
