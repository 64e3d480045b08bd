/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting a helper program from a process whose other threads are stopped.
 */
#ifndef RF_IMAGE_SPAWN_H
#define RF_IMAGE_SPAWN_H

#define RF_SPAWN_FD 3

/*
 * Executes `program` with `fd` as its fd 3, /dev/null as fds 0 to 2 and no other fd, no environment
 * but `envp`, all signals blocked. No page table is copied (CLONE_VFORK), no atfork handler runs,
 * and the program's own wait() and SIGCHLD handler do not see the child: wait with __WALL. Returns
 * its pid or a negative errno. Only system calls; not thread safe with regard to `fd`.
 */
long rf_spawn(const char *program, char *const argv[], char *const envp[], int fd);

#endif
