/* SPDX-License-Identifier: BSD-3-Clause */
/* Each address of a list that is accepted formats to a text that parses to the same address. */
#include "fuzz.h"

#include "wire/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union rf_address list[RF_ADDRESS_LIST], again[RF_ADDRESS_LIST];
	char *text = fuzz_text(data, size), one[RF_ADDRESS_TEXT], twice[RF_ADDRESS_TEXT];
	struct rf_error err = {0};
	int i, n = rf_address_parse(text, list, &err);

	FUZZ_CHECK(n > 0 || err.text[0]);
	for (i = 0; i < n; i++) {
		rf_address_format(&list[i], one);
		FUZZ_CHECK(rf_address_parse(one, again, &err) == 1);
		rf_address_format(&again[0], twice);
		FUZZ_CHECK(strcmp(one, twice) == 0);
	}
	free(text);
	return 0;
}
