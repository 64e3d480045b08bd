/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

int rf_secret_create(struct rf_secret *secret, struct rf_error *err)
{
	if (!secret)
		return rf_error_set(err, EINVAL, "no place for a secret");
	if (sodium_init() < 0)
		return rf_error_set(err, EIO, "libsodium finds no source of random numbers");
	randombytes_buf(secret->key, sizeof(secret->key));
	return 0;
}

void rf_secret_format(const struct rf_secret *secret, char text[RF_SECRET_TEXT])
{
	sodium_bin2hex(text, RF_SECRET_TEXT, secret->key, sizeof(secret->key));
}

int rf_secret_parse(const char *text, struct rf_secret *secret, struct rf_error *err)
{
	const char *end;
	size_t length;

	if (!text || !secret)
		return rf_error_set(err, EINVAL, "no secret given");
	if (strspn(text, "0123456789abcdef") != RF_SECRET_TEXT - 1 ||
	    strlen(text) != RF_SECRET_TEXT - 1)
		return rf_error_set(err, EINVAL, "the job's secret is not %d hex digits",
				    RF_SECRET_TEXT - 1);
	if (sodium_hex2bin(secret->key, sizeof(secret->key), text, RF_SECRET_TEXT - 1, NULL,
			   &length, &end) != 0 ||
	    length != sizeof(secret->key))
		return rf_error_set(err, EINVAL, "the job's secret can not be decoded");
	return 0;
}

void rf_secret_wipe(struct rf_secret *secret)
{
	if (secret)
		sodium_memzero(secret, sizeof(*secret));
}
