/* SPDX-License-Identifier: BSD-3-Clause */
/* Every value of a section that is not refused can be read. */
#include "fuzz.h"

#include "image/section.h"

static uint64_t sum; /* so that the values are really read */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rf_section_header header = {RF_SECTION_MAGIC, 0};
	struct rf_section_view view;
	struct rf_error err = {0};
	char *section = malloc(sizeof(header) + size);
	uint64_t at = 0, n = sizeof(header) + size;
	int r;

	FUZZ_CHECK(section);
	header.bytes = n;
	memcpy(section, &header, sizeof(header));
	memcpy(section + sizeof(header), data, size);
	while ((r = rf_section_next(section, n, &at, &view, &err)) == 1)
		for (uint64_t row = 0; row < view.table->rows; row++)
			for (uint32_t i = 0; i < view.table->columns; i++)
				sum += view.column[i].type == RF_SECTION_TEXT
					       ? strlen(rf_section_text(&view, row, i))
					       : (uint64_t)rf_section_number(&view, row, i);
	FUZZ_CHECK(r == 0 || err.text[0]);
	free(section);
	return 0;
}
