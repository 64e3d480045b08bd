/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/h5section.h"
#include "image/section.h"
#include "snapshot/h5error.h"

#include <stdio.h>

/* Returns a type that the caller closes. */
static hid_t column_type(const struct rf_section_column *c)
{
	const hid_t number[RF_SECTION_TYPES] = {[RF_SECTION_U32] = H5T_STD_U32LE,
						[RF_SECTION_I32] = H5T_STD_I32LE,
						[RF_SECTION_U64] = H5T_STD_U64LE,
						[RF_SECTION_I64] = H5T_STD_I64LE};
	hid_t type;

	if (c->type != RF_SECTION_TEXT)
		return H5Tcopy(number[c->type]);
	type = H5Tcopy(H5T_C_S1);
	H5Tset_size(type, c->bytes);
	H5Tset_cset(type, H5T_CSET_UTF8);
	return type;
}

static hid_t row_type(const struct rf_section_view *v)
{
	hid_t type = H5Tcreate(H5T_COMPOUND, v->table->row_bytes);
	int failed = type < 0;

	for (uint32_t i = 0; i < v->table->columns && !failed; i++) {
		hid_t member = column_type(&v->column[i]);

		failed = member < 0 ||
			 H5Tinsert(type, v->column[i].name, v->column[i].offset, member) < 0;
		if (member >= 0)
			H5Tclose(member);
	}
	if (failed && type >= 0)
		H5Tclose(type);
	return failed ? -1 : type;
}

static int write_table(hid_t file, const struct rf_section_view *v)
{
	char name[RF_SECTION_NAME + 8];
	hsize_t rows = v->table->rows;
	hid_t type = row_type(v), space = H5Screate_simple(1, &rows, NULL), set = -1;
	int r = -1;

	snprintf(name, sizeof(name), "/mpi/%s", v->table->name);
	if (type >= 0 && space >= 0)
		set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
	if (set >= 0)
		r = rows ? H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, v->rows) : 0;
	if (set >= 0)
		H5Dclose(set);
	if (space >= 0)
		H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	return r;
}

int rf_h5section_write(hid_t file, const char *path, const void *section, uint64_t bytes,
		       struct rf_error *err)
{
	struct rf_section_view view;
	uint64_t at = 0;
	int r;

	while ((r = rf_section_next(section, bytes, &at, &view, err)) == 1)
		if (write_table(file, &view) < 0)
			return rf_h5_error(err, "cannot write", path);
	return r;
}
