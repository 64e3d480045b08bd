/* SPDX-License-Identifier: BSD-3-Clause */
/* switch.h for Fortran programs. */
#include "switch.h"

void switch_begin_(void);
void switch_change_(void);
void switch_check_(const int *ok, const int *number);
void switch_end_(void);

void switch_begin_(void)
{
	begin(NULL, NULL);
}

void switch_change_(void)
{
	change();
}

void switch_check_(const int *ok, const int *number)
{
	if (!*ok) {
		fprintf(stderr, "rank %d, generation %d: check %d failed\n", rank, generation,
			*number);
		_exit(9);
	}
}

void switch_end_(void)
{
	end("objects_f");
}
