/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes are refused, or are a message that encodes to bytes of the same message. */
#include "fuzz.h"

#include "wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rf_error err = {0};
	json_t *message, *again;
	char *bytes;

	message = rf_message_decode(data, size, &err);
	if (!message) {
		FUZZ_CHECK(err.text[0]);
		return 0;
	}
	FUZZ_CHECK(rf_message_kind(message));
	if (rf_message_encode(message, &bytes, &size, &err) == 0) {
		again = rf_message_decode(bytes, size, &err);
		FUZZ_CHECK(again && json_equal(message, again));
		json_decref(again);
		free(bytes);
	}
	json_decref(message);
	return 0;
}
