/* SPDX-License-Identifier: BSD-3-Clause */
#include "order.h"

#include <stdlib.h>

#include "wire/base64.h"
#include "wire/body.h"

int rf_order_body(const json_t *message)
{
	const char *text = json_string_value(json_object_get(message, "body"));
	size_t size;
	void *bytes;
	int fd;

	if (!text)
		return -1;
	bytes = rf_base64_decode(text, &size, NULL);
	fd = bytes ? rf_body_create(bytes, size) : -1;
	free(bytes);
	return fd < 0 ? -2 : fd;
}
