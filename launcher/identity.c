/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAGIC	  0x64496652u /* "RfId" */
#define SIZE_MAX_ (64 << 20)  /* of a flat form; the kernel's limit for arguments is far below */
#define CPU_BYTES 1024	      /* 8192 CPUs, the kernel's limit on x86 */
#define NODES	  1024	      /* NUMA nodes, the kernel's limit on x86 */
#define OTHER_ENV 64	      /* variables that rf_identity_setenv() can add */

/* from linux/mempolicy.h and linux/ioprio.h, whose system calls libc does not wrap */
#define MPOL_DEFAULT	   0
#define IOPRIO_WHO_PROCESS 1

/* Followed by: program, arguments, environment, each string with its final zero. */
struct rf_identity_flat {
	uint32_t magic;
	uint32_t argc, envc;
	uint32_t umask;
	uint64_t blocked, ignored;
	struct rlimit limits[RLIM_NLIMITS];
	int32_t nice, policy, priority, ioprio;
	uint32_t personality;
	int32_t memory_mode;
	unsigned long memory_nodes[NODES / (8 * sizeof(long))];
	uint32_t cpu_bytes;
	unsigned char cpus[CPU_BYTES];
	uint32_t nfds;
	int32_t fds[RF_RANKMSG_FDS];
	char strings[];
};

static int note_fds(struct rf_birth *birth, struct rf_error *err)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		return rf_error_errno(err, "can not read /proc/self/fd");
	while ((entry = readdir(directory))) {
		char *end;
		long fd = strtol(entry->d_name, &end, 10);

		if (*end || end == entry->d_name || fd == dirfd(directory))
			continue;
		if (birth->nfds == RF_RANKMSG_FDS - 2) {
			closedir(directory);
			return rf_error_set(err, EMFILE, "the rank has more than %d open files",
					    RF_RANKMSG_FDS - 2);
		}
		birth->fds[birth->nfds++] = (int)fd;
	}
	closedir(directory);
	return 0;
}

int rf_birth_note(struct rf_birth *birth, struct rf_error *err)
{
	sigset_t mask;
	int s;

	memset(birth, 0, sizeof(*birth));
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (s = 1; s <= 64; s++) {
		struct sigaction action;

		if (sigismember(&mask, s) == 1)
			birth->blocked |= 1ULL << (s - 1);
		if (sigaction(s, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			birth->ignored |= 1ULL << (s - 1);
	}
	return note_fds(birth, err);
}

static void set_mask(uint64_t blocked)
{
	sigset_t mask;
	int s;

	sigemptyset(&mask);
	for (s = 1; s <= 64; s++)
		if (blocked & (1ULL << (s - 1)))
			sigaddset(&mask, s);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

void rf_birth_restore(const struct rf_birth *birth)
{
	set_mask(birth->blocked);
}

static void capture_self(struct rf_identity_flat *flat)
{
	struct sched_param param = {0};
	long n;
	int i;

	flat->umask = umask(0);
	umask(flat->umask);
	for (i = 0; i < RLIM_NLIMITS; i++)
		getrlimit(i, &flat->limits[i]);
	flat->nice = getpriority(PRIO_PROCESS, 0);
	flat->policy = sched_getscheduler(0);
	sched_getparam(0, &param);
	flat->priority = param.sched_priority;
	flat->ioprio = (int32_t)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
	flat->personality = (uint32_t)personality(0xffffffff);
	/* where the kernel or a container forbids it, the policy is the default and stays it */
	if (syscall(SYS_get_mempolicy, &flat->memory_mode, flat->memory_nodes, NODES, NULL, 0) < 0)
		flat->memory_mode = MPOL_DEFAULT;
	n = syscall(SYS_sched_getaffinity, 0, sizeof(flat->cpus), flat->cpus);
	flat->cpu_bytes = n > 0 ? (uint32_t)n : 0;
}

static char *append(char *at, const char *string)
{
	size_t n = strlen(string) + 1;

	memcpy(at, string, n);
	return at + n;
}

/* A memfd of `size` bytes, mapped. */
static struct rf_identity_flat *make_flat(size_t size, int *fd, struct rf_error *err)
{
	void *memory;

	*fd = memfd_create("rankferry-identity", MFD_CLOEXEC);
	if (*fd < 0) {
		rf_error_errno(err, "can not make a memory file");
		return NULL;
	}
	memory = MAP_FAILED;
	if (ftruncate(*fd, (off_t)size) == 0)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (memory == MAP_FAILED) {
		rf_error_errno(err, "can not get %zu bytes for the rank's identity", size);
		close(*fd);
		return NULL;
	}
	return memory;
}

int rf_identity_capture(const struct rf_birth *birth, const char *program, char *const argv[],
			char *const envp[], int fds[RF_RANKMSG_FDS], int *nfds,
			struct rf_error *err)
{
	size_t size = offsetof(struct rf_identity_flat, strings) + strlen(program) + 1;
	struct rf_identity_flat *flat;
	uint32_t argc = 0, envc = 0;
	int i, cwd, fd;
	char *at;

	for (; argv[argc]; argc++)
		size += strlen(argv[argc]) + 1;
	for (; envp[envc]; envc++)
		size += strlen(envp[envc]) + 1;
	if (size > SIZE_MAX_)
		return rf_error_set(err, E2BIG, "arguments and environment have %zu bytes", size);
	cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cwd < 0)
		return rf_error_errno(err, "can not open the working directory");
	flat = make_flat(size, &fd, err);
	if (!flat) {
		close(cwd);
		return -1;
	}
	flat->magic = MAGIC;
	flat->argc = argc;
	flat->envc = envc;
	flat->blocked = birth->blocked;
	flat->ignored = birth->ignored;
	capture_self(flat);
	fds[0] = fd;
	fds[1] = cwd;
	for (i = 0; i < birth->nfds; i++)
		fds[2 + i] = flat->fds[i] = birth->fds[i];
	flat->nfds = (uint32_t)birth->nfds;
	*nfds = 2 + birth->nfds;
	at = append(flat->strings, program);
	for (; *argv; argv++)
		at = append(at, *argv);
	for (; *envp; envp++)
		at = append(at, *envp);
	munmap(flat, size);
	return 0;
}

/* Points `list` at `count` strings from `at`; NULL if they do not end before `end`. */
static char *point(char **list, uint32_t count, char *at, const char *end)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		char *zero = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;

		if (!zero)
			return NULL;
		list[i] = at;
		at = zero + 1;
	}
	list[count] = NULL;
	return at;
}

static int parse(struct rf_identity *identity, struct rf_error *err)
{
	struct rf_identity_flat *flat = identity->flat;
	char *at, *end = (char *)flat + identity->size, *program[2];
	size_t strings = identity->size - offsetof(struct rf_identity_flat, strings);

	if (flat->magic != MAGIC || flat->argc < 1 || flat->argc > strings ||
	    flat->envc > strings || flat->cpu_bytes > CPU_BYTES ||
	    flat->nfds != (uint32_t)identity->nfds)
		return rf_error_set(err, EPROTO, "a slot sent no identity");
	identity->argv = calloc(flat->argc + 1, sizeof(char *));
	identity->envp = calloc(flat->envc + 1 + OTHER_ENV, sizeof(char *));
	if (!identity->argv || !identity->envp)
		return rf_error_errno(err, "can not take over a rank");
	at = point(program, 1, flat->strings, end);
	at = at ? point(identity->argv, flat->argc, at, end) : NULL;
	at = at ? point(identity->envp, flat->envc, at, end) : NULL;
	if (at != end)
		return rf_error_set(err, EPROTO, "a slot sent a damaged identity");
	identity->program = program[0];
	return 0;
}

struct rf_identity *rf_identity_receive(const int *fds, int nfds, struct rf_error *err)
{
	struct rf_identity *identity = calloc(1, sizeof(*identity));
	struct stat st = {0};
	void *memory;

	if (!identity || nfds < 2) {
		rf_error_set(err, EPROTO, "a slot sent no identity");
		free(identity);
		while (nfds > 0)
			close(fds[--nfds]);
		return NULL;
	}
	identity->cwd = fds[1];
	identity->nfds = nfds - 2;
	memcpy(identity->fds, fds + 2, (size_t)identity->nfds * sizeof(int));
	if (fstat(fds[0], &st) < 0 || st.st_size < (off_t)sizeof(*identity->flat) ||
	    st.st_size > SIZE_MAX_) {
		rf_error_set(err, EPROTO, "a slot sent no identity");
		close(fds[0]);
		goto failed;
	}
	memory = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fds[0], 0);
	close(fds[0]);
	if (memory == MAP_FAILED) {
		rf_error_errno(err, "can not read an identity");
		goto failed;
	}
	identity->flat = memory;
	identity->size = (size_t)st.st_size;
	if (parse(identity, err) == 0)
		return identity;
failed:
	rf_identity_destroy(identity);
	return NULL;
}

static void free_replaced(struct rf_identity *identity)
{
	for (char **v = identity->replaced; v && *v; v++)
		free(*v);
	free(identity->replaced);
	identity->replaced = NULL;
}

void rf_identity_destroy(struct rf_identity *identity)
{
	char **v;

	if (!identity)
		return;
	close(identity->cwd);
	while (identity->nfds > 0)
		close(identity->fds[--identity->nfds]);
	for (v = identity->envp; v && *v; v++) /* those that setenv made are not in the mapping */
		if (*v < (char *)identity->flat || *v >= (char *)identity->flat + identity->size)
			free(*v);
	if (identity->flat)
		munmap(identity->flat, identity->size);
	free_replaced(identity);
	free(identity->argv);
	free(identity->envp);
	free(identity);
}

static char **find_env(const struct rf_identity *identity, const char *name)
{
	size_t n = strlen(name);
	char **v;

	for (v = identity->envp; *v; v++)
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=')
			break;
	return v;
}

const char *rf_identity_getenv(const struct rf_identity *identity, const char *name)
{
	char **v = find_env(identity, name);

	return *v ? *v + strlen(name) + 1 : NULL;
}

int rf_identity_setenv(struct rf_identity *identity, const char *name, const char *value,
		       struct rf_error *err)
{
	char **v, *text;

	/* a name may be there several times, and programs differ in which one they take */
	for (v = find_env(identity, name); *v; v = find_env(identity, name)) {
		if (*v < (char *)identity->flat || *v >= (char *)identity->flat + identity->size)
			free(*v);
		do
			v[0] = v[1];
		while (*v++);
	}
	if (!value)
		return 0;
	if ((size_t)(v - identity->envp) >= identity->flat->envc + OTHER_ENV)
		return rf_error_set(err, E2BIG, "no room for the variable %s", name);
	if (asprintf(&text, "%s=%s", name, value) < 0)
		return rf_error_errno(err, "can not set the variable %s", name);
	v[0] = text;
	v[1] = NULL;
	return 0;
}

int rf_identity_replace(struct rf_identity *identity, char *const argv[], struct rf_error *err)
{
	size_t n = 0, i;

	while (argv[n])
		n++;
	free_replaced(identity);
	identity->replaced = calloc(n + 1, sizeof(char *));
	for (i = 0; identity->replaced && i < n; i++)
		if (!(identity->replaced[i] = strdup(argv[i])))
			break;
	if (!identity->replaced || i < n)
		return rf_error_errno(err, "can not start %s", argv[0]);
	identity->program = identity->replaced[0];
	return 0;
}

char *rf_identity_environment(const struct rf_identity *identity, size_t *size)
{
	char *const *v, *block, *at;

	*size = 0;
	for (v = identity->envp; *v; v++)
		*size += strlen(*v) + 1;
	block = at = malloc(*size + 1);
	for (v = identity->envp; block && *v; v++)
		at = append(at, *v);
	return block;
}

int rf_identity_file(const struct rf_identity *identity, int number)
{
	int i;

	for (i = 0; i < identity->nfds; i++)
		if (identity->flat->fds[i] == number)
			return identity->fds[i];
	return -1;
}

/* Moves every fd to its number. All others are close-on-exec, but for 0-2, which are closed. */
static int place_fds(const struct rf_identity *identity, int *report, struct rf_error *err)
{
	const struct rf_identity_flat *flat = identity->flat;
	int moved[RF_RANKMSG_FDS];
	int i, high = 3, cwd;

	for (i = 0; i < identity->nfds; i++)
		if (flat->fds[i] >= high)
			high = flat->fds[i] + 1;
	for (i = 0; i < identity->nfds; i++) {
		moved[i] = fcntl(identity->fds[i], F_DUPFD_CLOEXEC, high);
		if (moved[i] < 0)
			return rf_error_errno(err, "can not hand over file descriptor %d",
					      flat->fds[i]);
	}
	*report = fcntl(*report, F_DUPFD_CLOEXEC, high);
	cwd = fcntl(identity->cwd, F_DUPFD_CLOEXEC, high);
	if (*report < 0 || cwd < 0)
		return rf_error_errno(err, "can not hand over the working directory");
	for (i = 0; i < 3; i++)
		close(i);
	for (i = 0; i < identity->nfds; i++)
		if (dup2(moved[i], flat->fds[i]) < 0)
			return rf_error_errno(err, "can not hand over file descriptor %d",
					      flat->fds[i]);
	if (fchdir(cwd) < 0)
		return rf_error_errno(err, "can not enter the working directory");
	return 0;
}

static int apply_scheduling(const struct rf_identity_flat *flat, struct rf_error *err)
{
	const struct sched_param param = {.sched_priority = flat->priority};

	if (flat->cpu_bytes && syscall(SYS_sched_setaffinity, 0, flat->cpu_bytes, flat->cpus) < 0)
		return rf_error_errno(err, "can not bind to the CPUs that mpirun chose");
	if (flat->memory_mode != MPOL_DEFAULT &&
	    syscall(SYS_set_mempolicy, flat->memory_mode, flat->memory_nodes, NODES) < 0)
		return rf_error_errno(err, "can not bind to the memory that mpirun chose");
	if (getpriority(PRIO_PROCESS, 0) != flat->nice &&
	    setpriority(PRIO_PROCESS, 0, flat->nice) < 0)
		return rf_error_errno(err, "can not set the nice value %d", flat->nice);
	if (sched_getscheduler(0) != flat->policy &&
	    sched_setscheduler(0, flat->policy, &param) < 0)
		return rf_error_errno(err, "can not set scheduling policy %d", flat->policy);
	if (flat->ioprio >= 0 && syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0) != flat->ioprio &&
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, flat->ioprio) < 0)
		return rf_error_errno(err, "can not set I/O priority %d", flat->ioprio);
	return 0;
}

static int apply_limits(const struct rf_identity_flat *flat, struct rf_error *err)
{
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++)
		if (setrlimit(i, &flat->limits[i]) < 0)
			return rf_error_errno(err, "can not set resource limit %d", i);
	return 0;
}

static void apply_signals(const struct rf_identity_flat *flat)
{
	int s;

	for (s = 1; s <= 64; s++) /* fails for KILL, STOP and libc's own, as it may */
		signal(s, flat->ignored & (1ULL << (s - 1)) ? SIG_IGN : SIG_DFL);
	set_mask(flat->blocked);
}

int rf_identity_become(const struct rf_identity *identity, int report, bool *executed,
		       struct rf_error *err)
{
	const struct rf_identity_flat *flat = identity->flat;

	*executed = false;
	if (place_fds(identity, &report, err) < 0 || apply_scheduling(flat, err) < 0 ||
	    apply_limits(flat, err) < 0)
		return report;
	umask(flat->umask);
	personality(flat->personality);
	apply_signals(flat);
	*executed = true;
	execve(identity->program, identity->replaced ? identity->replaced : identity->argv,
	       identity->envp);
	rf_error_errno(err, "can not execute %s", identity->program);
	return report;
}
