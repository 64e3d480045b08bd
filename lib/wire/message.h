/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Control messages: JSON objects with a member "kind", each checked against that kind's row in the
 * table of kinds.c, when made and when read. Messages are jansson values: json_decref() them.
 *
 *	json_t *m = rf_message_create(&err, "ended", "{s:i, s:i}", "rank", 3, "status", 139);
 *	...
 *	if (!strcmp(rf_message_kind(m), "ended"))
 *		rf_message_unpack(m, &err, "{s:i, s:i}", "rank", &rank, "status", &status);
 */
#ifndef RF_WIRE_MESSAGE_H
#define RF_WIRE_MESSAGE_H

#include <jansson.h>
#include <stddef.h>

#include "util/error.h"

#define RF_MESSAGE_MAX	(4 << 20) /* bytes of one encoded message */
#define RF_MESSAGE_BODY (3 << 20) /* bytes of one body in a message, in base64 */
#define RF_MESSAGE_TEXT (1 << 16) /* bytes of one text in a message */
#define RF_MESSAGE_LIST (1 << 16) /* elements of one list in a message */

/* `format` and the rest as for json_pack(): an object with all members but "kind"; NULL: no
 * members. */
json_t *rf_message_create(struct rf_error *err, const char *kind, const char *format, ...);

/* The kind of a message made by create or decode: never NULL for those. */
const char *rf_message_kind(const json_t *message);

/* As json_unpack(). A member that the kind's row requires is there and of its type. */
int rf_message_unpack(const json_t *message, struct rf_error *err, const char *format, ...);

/*
 * Is this object a message: known kind, all required members, no unknown ones, each of its type and
 * within its limits? `err` names the kind and the member.
 */
int rf_message_check(const json_t *object, struct rf_error *err);

/* To bytes: the caller frees `*bytes`. -1 if larger than RF_MESSAGE_MAX. */
int rf_message_encode(const json_t *message, char **bytes, size_t *size, struct rf_error *err);

/* From bytes, which need no final zero. NULL unless they are exactly one message that passes check.
 */
json_t *rf_message_decode(const void *bytes, size_t size, struct rf_error *err);

#endif
