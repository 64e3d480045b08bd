/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "util/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH_MAX 16 /* of directories below a job's; ours have two */

/* Opens a directory that exists, if it is safe to keep secrets in. */
static int open_private(int parent, const char *name, const char *shown, struct rf_error *err)
{
	RF_FD_AUTO int fd = openat(parent, name, DIRECTORY);
	struct stat st;

	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return rf_error_set(err, ENOTDIR,
				    "run directory %s: this is not a directory (a symbolic link is "
				    "not accepted); remove it, or set XDG_RUNTIME_DIR",
				    shown);
	if (fd < 0 || fstat(fd, &st) < 0)
		return rf_error_errno(err, "run directory %s", shown);
	if (st.st_uid != geteuid())
		return rf_error_set(err, EPERM,
				    "run directory %s belongs to uid %u, not to you (uid %u); have "
				    "it removed, or set XDG_RUNTIME_DIR",
				    shown, st.st_uid, geteuid());
	if (st.st_mode & 077)
		return rf_error_set(err, EPERM,
				    "run directory %s is open to others (mode %04o); if you trust "
				    "what is in it: chmod 700 %s",
				    shown, st.st_mode & 07777, shown);
	return rf_fd_keep(&fd);
}

static int make_private(int parent, const char *name, const char *shown, struct rf_error *err)
{
	/* the umask can only take bits away from 0700; without them our own checks fail loudly */
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return rf_error_errno(err, "run directory %s", shown);
	return open_private(parent, name, shown, err);
}

int rf_rundir_open_in(const char *base, char path[RF_RUNDIR_PATH], struct rf_error *err)
{
	RF_FD_AUTO int parent = -1;
	struct stat st;
	char name[32];

	if (!base || base[0] != '/')
		return rf_error_set(err, EINVAL, "run directory: \"%s\" is not an absolute path",
				    base ? base : "");
	snprintf(name, sizeof(name), "rankferry-%u", geteuid());
	if ((size_t)snprintf(path, RF_RUNDIR_PATH, "%s/%s", base, name) >= RF_RUNDIR_PATH)
		return rf_error_set(err, ENAMETOOLONG,
				    "run directory: the path of %s is too long for sockets in it; "
				    "set XDG_RUNTIME_DIR to a shorter one",
				    base);
	parent = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || fstat(parent, &st) < 0)
		return rf_error_errno(err, "run directory %s: %s", path, base);
	/* whoever may rename in the parent could exchange the directory under us later */
	if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    ((st.st_mode & 022) && !(st.st_mode & S_ISVTX)))
		return rf_error_set(
			err, EPERM,
			"run directory %s: others may rename what is in %s (owner uid "
			"%u, mode %04o); set XDG_RUNTIME_DIR to a directory of your own",
			path, base, st.st_uid, st.st_mode & 07777);
	return make_private(parent, name, path, err);
}

static bool is_own_directory(const char *path)
{
	struct stat st;

	return path && path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}

int rf_rundir_open(char path[RF_RUNDIR_PATH], struct rf_error *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	/* sudo, su and ssh hand on another user's, or one that logind has already removed */
	return rf_rundir_open_in(is_own_directory(base) ? base : "/tmp", path, err);
}

static int check_name(const char *name, struct rf_error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	if (!name || !*name || *name == '.' || name[strspn(name, allowed)] ||
	    strlen(name) > NAME_MAX)
		return rf_error_set(err, EINVAL,
				    "\"%s\" can not be a name in the run directory: letters, "
				    "digits, '.', '_' and '-' only",
				    name ? name : "");
	return 0;
}

int rf_rundir_enter(int rundir, const char *name, struct rf_error *err)
{
	if (check_name(name, err) < 0)
		return -1;
	return make_private(rundir, name, name, err);
}

static int remove_tree(int parent, const char *name, int depth);

static int remove_children(int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int rc = 0;

	if (!dir) {
		close(fd);
		return -1;
	}
	while (rc == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = remove_tree(dirfd(dir), entry->d_name, depth);
	closedir(dir);
	return rc;
}

static int remove_tree(int parent, const char *name, int depth)
{
	int fd;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (depth >= DEPTH_MAX) {
		errno = ELOOP;
		return -1;
	}
	fd = openat(parent, name, DIRECTORY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (remove_children(fd, depth + 1) < 0)
		return -1;
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -1;
}

int rf_rundir_remove(int rundir, const char *name, struct rf_error *err)
{
	if (check_name(name, err) < 0)
		return -1;
	if (remove_tree(rundir, name, 0) < 0)
		return rf_error_errno(err, "run directory: %s can not be removed", name);
	return 0;
}
