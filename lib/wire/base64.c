/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/base64.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define VARIANT sodium_base64_VARIANT_ORIGINAL

char *rf_base64_encode(const void *bytes, size_t size)
{
	size_t length = sodium_base64_encoded_len(size, VARIANT); /* with the zero */
	char *text = malloc(length);

	return text ? sodium_bin2base64(text, length, bytes, size, VARIANT) : NULL;
}

void *rf_base64_decode(const char *text, size_t *size, struct rf_error *err)
{
	size_t length = strlen(text), most = length / 4 * 3 + 3;
	unsigned char *bytes = malloc(most);

	if (!bytes) {
		rf_error_set(err, ENOMEM, "no memory for a body");
		return NULL;
	}
	if (sodium_base642bin(bytes, most, text, length, NULL, size, NULL, VARIANT) < 0 ||
	    *size == 0) {
		rf_error_set(err, EPROTO, "a body that is not base64");
		free(bytes);
		return NULL;
	}
	return bytes;
}
