/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/kernel.h"

#include <errno.h>
#include <linux/prctl.h>
#include <sys/prctl.h>

/* The call that a restore needs most; it is there without privilege since Linux 3.18. */
int rf_kernel_check(struct rf_error *err)
{
	unsigned size = 0;

	if (prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0) ||
	    size != sizeof(struct prctl_mm_map))
		return rf_error_set(err, ENOSYS,
				    "this kernel cannot set the memory map of a process "
				    "(CONFIG_CHECKPOINT_RESTORE is off)");
	return 0;
}
