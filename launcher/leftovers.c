/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "leftovers.h"
#include "util/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct rf_leftovers {
	unsigned count; /* ever noted; the last RF_LEFTOVERS of them are in the ring */
	struct rf_leftover ring[RF_LEFTOVERS];
};

struct rf_leftovers *rf_leftovers_create(struct rf_error *err)
{
	void *memory = mmap(NULL, sizeof(struct rf_leftovers), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		rf_error_errno(err, "can not get shared memory");
		return NULL;
	}
	return memory;
}

static const char *get(char *const environment[], const char *name)
{
	size_t n = strlen(name);

	for (; *environment; environment++)
		if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=')
			return *environment + n + 1;
	return NULL;
}

static unsigned noted(const struct rf_leftovers *leftovers)
{
	return leftovers->count < RF_LEFTOVERS ? leftovers->count : RF_LEFTOVERS;
}

/* "TMP/ompi.HOST.UID" to HOST */
static void host_of(const char *top, char *host, size_t size)
{
	const char *base = top ? strrchr(top, '/') : NULL, *end;

	*host = '\0';
	if (base && strncmp(base, "/ompi.", 6) == 0) {
		base += 6;
		end = strrchr(base, '.');
		if (end && (size_t)(end - base) < size)
			snprintf(host, size, "%.*s", (int)(end - base), base);
	}
	if (!*host && gethostname(host, size) < 0)
		*host = '\0';
	host[size - 1] = '\0';
}

void rf_leftovers_note(struct rf_leftovers *leftovers, char *const environment[], pid_t daemon)
{
	const char *jobid = get(environment, "PMIX_NAMESPACE");
	const char *session = get(environment, "OMPI_MCA_orte_jobfam_session_dir");
	struct rf_leftover one = {0};
	unsigned i;

	if (!jobid)
		return;
	one.jobid = (unsigned)strtoul(jobid, NULL, 10);
	for (i = 0; i < noted(leftovers); i++)
		if (leftovers->ring[i].jobid == one.jobid &&
		    leftovers->ring[i].daemon.pid == daemon)
			return;
	if (rf_proc_read(daemon, &one.daemon) < 0)
		one.daemon.pid = 0;
	host_of(get(environment, "OMPI_MCA_orte_top_session_dir"), one.host, sizeof(one.host));
	if (session && *session == '/' && strlen(session) < sizeof(one.session))
		strcpy(one.session, session);
	leftovers->ring[leftovers->count % RF_LEFTOVERS] = one;
	leftovers->count++;
}

/* Removes `name` in the directory `at` and all below it that is ours; follows no link. */
static void remove_tree(int at, const char *name, int depth)
{
	struct dirent *entry;
	DIR *directory;
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && depth > 0 && (directory = fdopendir(fd))) {
		while ((entry = readdir(directory)))
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
				if (unlinkat(fd, entry->d_name, 0) < 0)
					remove_tree(fd, entry->d_name, depth - 1);
			}
		closedir(directory);
	} else if (fd >= 0) {
		close(fd);
	}
	unlinkat(at, name, AT_REMOVEDIR);
}

/* A session directory has "ompi.HOST.UID" above it, and only such a one is ever removed. */
static void remove_session(const char *session)
{
	char top[PATH_MAX];
	char *slash, *base;
	struct stat st;

	snprintf(top, sizeof(top), "%s", session);
	slash = strrchr(top, '/');
	if (!slash)
		return;
	*slash = '\0';
	base = strrchr(top, '/');
	if (!base || strncmp(base, "/ompi.", 6) != 0 ||
	    (strncmp(slash + 1, "pid.", 4) != 0 && strncmp(slash + 1, "jf.", 3) != 0))
		return;
	if (lstat(session, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid())
		remove_tree(AT_FDCWD, session, 16);
	rmdir(top);
}

/* Does the /dev/shm file `name` belong to the job? */
static bool shm_matches(const char *name, const struct rf_leftover *one)
{
	static const char *const prefixes[] = {"vader_segment", "osc_sm", "osc_rdma"};
	char wanted[HOST_NAME_MAX + 64];
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		snprintf(wanted, sizeof(wanted), "%s.%s.%x.", prefixes[i], one->host, one->jobid);
		if (strncmp(name, wanted, strlen(wanted)) == 0)
			return true;
		snprintf(wanted, sizeof(wanted), "%s.%s.%u.%x.", prefixes[i], one->host, geteuid(),
			 one->jobid);
		if (strncmp(name, wanted, strlen(wanted)) == 0)
			return true;
	}
	return false;
}

static void remove_shm(const struct rf_leftover *one)
{
	DIR *directory = opendir("/dev/shm");
	struct dirent *entry;
	struct stat st;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		if (shm_matches(entry->d_name, one) &&
		    fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_uid == geteuid())
			unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
}

void rf_leftovers_remove(struct rf_leftovers *leftovers, int ms)
{
	long long until = rf_clock_ms() + ms;
	unsigned i;

	for (i = 0; i < noted(leftovers); i++) {
		struct rf_leftover *one = &leftovers->ring[i];
		long long left = until - rf_clock_ms();

		if (one->daemon.pid && rf_proc_wait(&one->daemon, left > 0 ? (int)left : 0)) {
			kill(one->daemon.pid, SIGKILL);
			rf_proc_wait(&one->daemon, 500);
		}
		remove_shm(one);
		if (*one->session)
			remove_session(one->session);
	}
}

void rf_leftovers_of_mpirun(pid_t mpirun)
{
	static const char *const variables[] = {"OMPI_MCA_orte_tmpdir_base", "TMPDIR", "TEMP",
						"TMP"};
	const char *tmp = NULL;
	char pattern[PATH_MAX];
	glob_t found;
	size_t i;

	/* the order of opal_tmp_directory() */
	for (i = 0; !tmp && i < sizeof(variables) / sizeof(variables[0]); i++)
		tmp = getenv(variables[i]);
	if (snprintf(pattern, sizeof(pattern), "%s/ompi.*.%u/pid.%d", tmp ? tmp : "/tmp", geteuid(),
		     (int)mpirun) >= (int)sizeof(pattern))
		return;
	if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return;
	for (i = 0; i < found.gl_pathc; i++)
		remove_session(found.gl_pathv[i]);
	globfree(&found);
}
