/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of this host: its kernel, limits and directories. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "checks.h"
#include "rundir.h"
#include "wire/address.h"

#define HWCAP2_FSGSBASE_BIT 2ul /* asm/hwcap2.h */
#define UFFD_USER_MODE	    1	/* linux/userfaultfd.h, since Linux 5.11 */
#define PAGEMAP_SCAN_NUMBER                                                                        \
	0xc0606610u /* linux/fs.h, since Linux 6.7: _IOWR('f', 16, 96 bytes)                       \
		     */
#define ENOUGH_FILES  4096
#define ENOUGH_LOCKED (64ul << 20)
#define ENOUGH_SHM    (64ul << 20)

void rf_check_fsgsbase(struct rf_finding *f)
{
	if (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT)
		rf_found(f, RF_CHECK_OK, "", "programs may write FS");
	else
		rf_found(
			f, RF_CHECK_WARN,
			"use Linux 5.9 or later; it matters only if the gate is not in mode shared",
			"the CPU or the kernel does not let programs write FS");
}

static bool has_userfaultfd(void)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE);

	if (fd < 0)
		return false;
	close((int)fd);
	return true;
}

/* PAGEMAP_SCAN of nothing: an empty range is an answer where it is known. */
static bool has_pagemap_scan(void)
{
	uint64_t argument[12] = {sizeof(argument)};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool known;

	if (fd < 0)
		return false;
	known = ioctl(fd, PAGEMAP_SCAN_NUMBER, argument) == 0 || errno != ENOTTY;
	close(fd);
	return known;
}

void rf_check_tracking(struct rf_finding *f)
{
	bool faults = has_userfaultfd(), scan = has_pagemap_scan();

	if (faults && scan)
		rf_found(f, RF_CHECK_OK, "", "userfaultfd and PAGEMAP_SCAN");
	else
		rf_found(f, RF_CHECK_WARN,
			 "Linux 6.7 has both; without them changed memory is found by checksums",
			 "%s%s%s not available", faults ? "" : "userfaultfd",
			 !faults && !scan ? " and " : "", scan ? "" : "PAGEMAP_SCAN");
}

void rf_check_restore(struct rf_finding *f)
{
	unsigned size = 0;

	if (prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0) == 0)
		rf_found(f, RF_CHECK_OK, "", "PR_SET_MM_MAP");
	else
		rf_found(f, RF_CHECK_WARN,
			 "use a kernel with CONFIG_CHECKPOINT_RESTORE, as distributions' are",
			 "PR_SET_MM_MAP does not work: %s", strerror(errno));
}

void rf_check_ptrace(struct rf_finding *f)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "r");
	int scope = 0;

	if (file && fscanf(file, "%d", &scope) != 1)
		scope = 0;
	if (file)
		fclose(file);
	if (scope < 2)
		rf_found(f, RF_CHECK_OK, "", "ptrace_scope is %d", scope);
	else
		rf_found(f, RF_CHECK_WARN,
			 "set kernel.yama.ptrace_scope to 1: large messages on one host are copied "
			 "twice, as with plain mpirun",
			 "ptrace_scope is %d", scope);
}

void rf_check_hdf5(struct rf_finding *f)
{
	static const char *const names[] = {"libhdf5_serial.so.103", "libhdf5_serial.so.310",
					    "libhdf5.so.103", "libhdf5.so.310", "libhdf5.so"};
	unsigned major, minor, release;
	int (*version)(unsigned *, unsigned *, unsigned *);
	void *library = NULL, *symbol = NULL;
	size_t i;

	for (i = 0; !library && i < sizeof(names) / sizeof(names[0]); i++)
		library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
	if (library)
		symbol = dlsym(library, "H5get_libversion");
	memcpy(&version, &symbol, sizeof(version));
	if (!symbol || version(&major, &minor, &release) < 0)
		rf_found(f, RF_CHECK_WARN,
			 "install the serial HDF5 (Debian: libhdf5-103-1): snapshots need it",
			 "no HDF5 library found");
	else if (major != 1 || minor < 10)
		rf_found(f, RF_CHECK_WARN, "install HDF5 1.10 or later: snapshots need it",
			 "HDF5 %u.%u.%u is too old", major, minor, release);
	else
		rf_found(f, RF_CHECK_OK, "", "HDF5 %u.%u.%u", major, minor, release);
	if (library)
		dlclose(library);
}

void rf_check_rundir(struct rf_finding *f)
{
	struct rf_rundir dir;
	struct rf_error err;
	int lock = -1, held;

	if (rf_rundir_name("doctor", &dir, &err) < 0 ||
	    (lock = rf_rundir_lock(&dir, 2000, &err)) < 0) {
		rf_found(f, RF_CHECK_FAIL, "make it writable for you, and yours alone", "%s",
			 err.text);
		return;
	}
	held = rf_rundir_hold(&dir, 2000, &err);
	close(lock);
	if (held < 0) {
		rf_found(f, RF_CHECK_FAIL, "make it writable for you, and yours alone", "%s",
			 err.text);
	} else {
		close(held);
		rf_found(f, RF_CHECK_OK, "", "%s", dir.top);
	}
	rf_rundir_remove(&dir);
}

void rf_check_shm(struct rf_finding *f)
{
	struct statvfs fs;

	if (statvfs("/dev/shm", &fs) < 0 || access("/dev/shm", W_OK) < 0)
		rf_found(f, RF_CHECK_WARN, "mount a tmpfs there, mode 1777",
			 "/dev/shm can not be written to: %s", strerror(errno));
	else if ((unsigned long)fs.f_bavail * fs.f_frsize < ENOUGH_SHM)
		rf_found(f, RF_CHECK_WARN, "remove what is not used, or enlarge it",
			 "/dev/shm has only %lu MiB free",
			 (unsigned long)fs.f_bavail * fs.f_frsize >> 20);
	else
		rf_found(f, RF_CHECK_OK, "", "/dev/shm has %lu MiB free",
			 (unsigned long)fs.f_bavail * fs.f_frsize >> 20);
}

void rf_check_network(struct rf_finding *f)
{
	struct rf_error err;
	char *list = rf_address_own(1, 1, &err), *rest, *word;
	char found[300] = "";

	if (!list) {
		rf_found(f, RF_CHECK_FAIL, "bring up an interface, at least loopback", "%s",
			 err.text);
		return;
	}
	for (word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		word[strlen(word) - 2] = '\0'; /* ":1" */
		if (strncmp(word, "127.", 4) != 0 && strcmp(word, "[::1]") != 0)
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
				 *found ? ", " : "", word);
	}
	free(list);
	if (*found)
		rf_found(f, RF_CHECK_OK, "", "%s", found);
	else
		rf_found(f, RF_CHECK_WARN, "other hosts can not be used without one",
			 "no interface but loopback is up");
}

void rf_check_files(struct rf_finding *f)
{
	struct rlimit limit = {0, 0};

	getrlimit(RLIMIT_NOFILE, &limit);
	/* the keeper and the coordinator use the hard limit */
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < ENOUGH_FILES)
		rf_found(f, RF_CHECK_WARN, "raise the hard limit (ulimit -Hn) to 4096 or more",
			 "open files: at most %lu", (unsigned long)limit.rlim_max);
	else
		rf_found(f, RF_CHECK_OK, "", "open files: %lu, at most %lu",
			 (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
}

void rf_check_locked(struct rf_finding *f)
{
	struct rlimit limit = {0, 0};

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		rf_found(f, RF_CHECK_OK, "", "locked memory: unlimited");
	else if (limit.rlim_cur < ENOUGH_LOCKED)
		rf_found(f, RF_CHECK_WARN,
			 "InfiniBand and the like need more (ulimit -l unlimited); TCP does not",
			 "locked memory: %lu MiB", (unsigned long)limit.rlim_cur >> 20);
	else
		rf_found(f, RF_CHECK_OK, "", "locked memory: %lu MiB",
			 (unsigned long)limit.rlim_cur >> 20);
}
