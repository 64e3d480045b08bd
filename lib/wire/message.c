/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/kinds.h"

static bool is_text(const json_t *value)
{
	return json_is_string(value) && json_string_length(value) <= RF_MESSAGE_TEXT &&
	       strlen(json_string_value(value)) == json_string_length(value);
}

static bool is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0 &&
	       json_integer_value(value) <= INT32_MAX;
}

static bool is_number(const json_t *value)
{
	return json_is_integer(value);
}

static bool is_flag(const json_t *value)
{
	return json_is_boolean(value);
}

static bool is_list(const json_t *value, bool (*is_element)(const json_t *))
{
	json_t *element;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) > RF_MESSAGE_LIST)
		return false;
	json_array_foreach(value, i, element) if (!is_element(element)) return false;
	return true;
}

static bool is_texts(const json_t *value)
{
	return is_list(value, is_text);
}

static bool is_counts(const json_t *value)
{
	return is_list(value, is_count);
}

/* Its receiver decodes it, and then knows whether it is well-formed. */
static bool is_body(const json_t *value)
{
	return json_is_string(value) && json_string_length(value) <= RF_MESSAGE_BODY &&
	       strlen(json_string_value(value)) == json_string_length(value);
}

static const struct {
	bool (*matches)(const json_t *);
	const char *name;
} types[] = {
	[RF_MEMBER_TEXT] = {is_text, "a text"},
	[RF_MEMBER_COUNT] = {is_count, "a count"},
	[RF_MEMBER_NUMBER] = {is_number, "a whole number"},
	[RF_MEMBER_FLAG] = {is_flag, "true or false"},
	[RF_MEMBER_TEXTS] = {is_texts, "a list of texts"},
	[RF_MEMBER_COUNTS] = {is_counts, "a list of counts"},
	[RF_MEMBER_BODY] = {is_body, "a body"},
};

int rf_message_check(const json_t *object, struct rf_error *err)
{
	const json_t *name = json_object_get(object, "kind");
	const struct rf_member *member;
	const struct rf_kind *kind;
	const json_t *value;
	size_t known = 1;

	if (!name || !is_text(name))
		return rf_error_set(err, EPROTO, "a message without a kind");
	kind = rf_kind_find(json_string_value(name));
	if (!kind)
		return rf_error_set(err, EPROTO, "a message of unknown kind \"%.64s\"",
				    json_string_value(name));
	for (member = kind->members; member->name; member++) {
		value = json_object_get(object, member->name);
		if (!value && member->optional)
			continue;
		if (!value)
			return rf_error_set(err, EPROTO, "message \"%s\": \"%s\" is missing",
					    kind->name, member->name);
		if (!types[member->type].matches(value))
			return rf_error_set(err, EPROTO, "message \"%s\": \"%s\" is not %s",
					    kind->name, member->name, types[member->type].name);
		known++;
	}
	if (json_object_size(object) != known)
		return rf_error_set(err, EPROTO, "message \"%s\" has a member that it can not have",
				    kind->name);
	return 0;
}

json_t *rf_message_create(struct rf_error *err, const char *kind, const char *format, ...)
{
	json_error_t why;
	json_t *message;
	va_list ap;

	va_start(ap, format);
	message = format ? json_vpack_ex(&why, 0, format, ap) : json_object();
	va_end(ap);
	if (!message) {
		rf_error_set(err, EINVAL, "message \"%s\" can not be made: %s", kind ? kind : "",
			     format ? why.text : "out of memory");
		return NULL;
	}
	if (json_object_set_new(message, "kind", json_string(kind ? kind : "")) < 0) {
		rf_error_set(err, EINVAL, "message \"%s\" can not be made", kind ? kind : "");
		goto fail;
	}
	if (rf_message_check(message, err) < 0)
		goto fail;
	return message;
fail:
	json_decref(message);
	return NULL;
}

const char *rf_message_kind(const json_t *message)
{
	return json_string_value(json_object_get(message, "kind"));
}

int rf_message_unpack(const json_t *message, struct rf_error *err, const char *format, ...)
{
	json_error_t why;
	va_list ap;
	int rc;

	va_start(ap, format);
	/* unpacking borrows strings and objects; it changes nothing but reference counts */
	rc = json_vunpack_ex((json_t *)(uintptr_t)message, &why, 0, format, ap);
	va_end(ap);
	if (rc < 0)
		return rf_error_set(err, EPROTO, "message \"%s\": %s",
				    message ? rf_message_kind(message) : "", why.text);
	return 0;
}

int rf_message_encode(const json_t *message, char **bytes, size_t *size, struct rf_error *err)
{
	if (rf_message_check(message, err) < 0)
		return -1;
	*bytes = json_dumps(message, JSON_COMPACT);
	if (!*bytes)
		return rf_error_set(err, ENOMEM, "message \"%s\" can not be written as JSON",
				    rf_message_kind(message));
	*size = strlen(*bytes);
	if (*size > RF_MESSAGE_MAX) {
		free(*bytes);
		*bytes = NULL;
		return rf_error_set(err, EMSGSIZE,
				    "message \"%s\" has %zu bytes, more than the %d allowed",
				    rf_message_kind(message), *size, RF_MESSAGE_MAX);
	}
	return 0;
}

json_t *rf_message_decode(const void *bytes, size_t size, struct rf_error *err)
{
	json_error_t why;
	json_t *message;

	if (!bytes || size > RF_MESSAGE_MAX) {
		rf_error_set(err, EMSGSIZE, "a message of %zu bytes, more than the %d allowed",
			     size, RF_MESSAGE_MAX);
		return NULL;
	}
	message = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &why);
	if (!message) {
		rf_error_set(err, EPROTO, "a message that is not JSON: %s", why.text);
		return NULL;
	}
	if (rf_message_check(message, err) < 0) {
		json_decref(message);
		return NULL;
	}
	return message;
}
