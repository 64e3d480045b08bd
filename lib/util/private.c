/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "util/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

/* Opens the directory above `path`, if nobody else can rename what is in it. */
static int open_above(const char *path, const char **name, struct rf_error *err)
{
	const char *slash = strrchr(path, '/');
	RF_FD_AUTO int fd = -1;
	char above[PATH_MAX];
	struct stat st;

	if (path[0] != '/' || !slash[1] || slash - path >= PATH_MAX)
		return rf_error_set(err, EINVAL, "\"%s\" is not the absolute path of a directory",
				    path);
	*name = slash + 1;
	memcpy(above, path, slash - path);
	above[slash - path] = '\0';
	fd = open(above[0] ? above : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return rf_error_errno(err, "directory %s: %s", path, above);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    ((st.st_mode & 022) && !(st.st_mode & S_ISVTX)))
		return rf_error_set(err, EPERM,
				    "directory %s: others may exchange it, since they may write to "
				    "%s (owner uid %u, mode %04o)",
				    path, above, st.st_uid, st.st_mode & 07777);
	return rf_fd_keep(&fd);
}

int rf_private_open(const char *path, struct rf_error *err)
{
	RF_FD_AUTO int above = -1, fd = -1;
	const char *name = NULL;
	struct stat st;

	if (!path)
		return rf_error_set(err, EINVAL, "no directory given");
	above = open_above(path, &name, err);
	if (above < 0)
		return -1;
	/* the umask can only take bits away from 0700; what is then missing fails loudly */
	if (mkdirat(above, name, 0700) < 0 && errno != EEXIST)
		return rf_error_errno(err, "directory %s can not be made", path);
	fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return rf_error_set(err, ENOTDIR,
				    "%s is not a directory (a symbolic link is not accepted); "
				    "have it removed",
				    path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return rf_error_errno(err, "directory %s can not be opened", path);
	if (st.st_uid != geteuid())
		return rf_error_set(err, EPERM,
				    "directory %s belongs to uid %u, not to you (uid %u); have it "
				    "removed",
				    path, st.st_uid, geteuid());
	if (st.st_mode & 077)
		return rf_error_set(err, EPERM,
				    "directory %s is open to others (mode %04o); if you trust what "
				    "is in it: chmod 700 %s",
				    path, st.st_mode & 07777, path);
	return rf_fd_keep(&fd);
}
