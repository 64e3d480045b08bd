/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whoever does not hold the secret proves nothing and seals nothing, whatever he sends. The first
 * byte of the input chooses: a stranger to a responder, to an initiator, or one who gets into a
 * proven connection, whose frames (each behind its length in one byte) must all be refused.
 */
#include "fuzz.h"

#include "wire/auth.h"

static struct rf_secret secret;

static void stranger(enum rf_auth_role role, const uint8_t *data, size_t size)
{
	struct rf_auth *auth = rf_auth_create(role, &secret, NULL);
	unsigned char piece[RF_AUTH_PIECE];
	struct rf_error err = {0};
	size_t wants;

	for (;;) {
		while (rf_auth_send(auth, piece) > 0)
			;
		FUZZ_CHECK(!rf_auth_done(auth));
		wants = rf_auth_wants(auth);
		if (!wants || wants > size)
			break;
		FUZZ_CHECK(rf_auth_receive(auth, data, &err) == 0 || rf_auth_wants(auth) == 0);
		data += wants;
		size -= wants;
	}
	rf_auth_destroy(auth);
}

static void intruder(const uint8_t *data, size_t size)
{
	struct rf_auth *ends[2] = {rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL),
				   rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL)};
	unsigned char piece[RF_AUTH_PIECE], content[256];
	struct rf_error err = {0};
	size_t length;
	bool final;
	int i;

	for (i = 0; i < 4; i++) {
		FUZZ_CHECK(rf_auth_send(ends[i % 2], piece) > 0);
		FUZZ_CHECK(rf_auth_receive(ends[!(i % 2)], piece, &err) == 0);
	}
	while (size > 0) {
		length = data[0] < size ? data[0] : size - 1;
		FUZZ_CHECK(rf_auth_open(ends[0], data + 1, length, content, &final, &err) < 0);
		data += length + 1;
		size -= length + 1;
	}
	rf_auth_destroy(ends[0]);
	rf_auth_destroy(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 3 == 2)
		intruder(data + 1, size - 1);
	else
		stranger(data[0] % 3 ? RF_AUTH_INITIATOR : RF_AUTH_RESPONDER, data + 1, size - 1);
	return 0;
}
