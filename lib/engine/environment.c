/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/environment.h"

#include <string.h>
#include <sys/mman.h>

/*
 * value NULL: removed. keep: a value of the user's own wins. The others would break the split:
 *  - preloaded and audit libraries are the application's; immediate binding only costs time;
 *  - the engine cannot see the application's munmap(), so no registration cache may rely on it, and
 *    nothing may patch memory functions to look for it;
 *  - signal handlers are the application's.
 */
static const struct rule {
	const char *name, *value;
	int keep;
} rules[] = {
	{"LD_PRELOAD", NULL, 0},
	{"LD_AUDIT", NULL, 0},
	{"LD_BIND_NOW", NULL, 0},
	{"OMPI_MCA_memory", "^patcher", 0},
	{"OMPI_MCA_mpi_leave_pinned", "0", 0},
	{"OMPI_MCA_mpi_leave_pinned_pipeline", "0", 0},
	{"OMPI_MCA_opal_signal", "", 1},
	{"UCX_MEM_EVENTS", "n", 0},
	{"UCX_ERROR_SIGNALS", "", 0},
};
#define RULES (sizeof(rules) / sizeof(*rules))

/*
 * The user's own tunables stay, between a default and what must hold: an engine's static TLS is
 * small (RF_GATE_ROOM), so its ld.so must not believe it has more to give to libraries opened
 * later. Each arena of malloc reserves 64 MiB of the window.
 */
#define TUNABLES	"GLIBC_TUNABLES="
#define TUNABLES_BEFORE "glibc.malloc.arena_max=8:"
#define TUNABLES_AFTER	":glibc.rtld.nns=1:glibc.rtld.optional_static_tls=0"

static const struct rule *rule_of(const char *entry)
{
	size_t i, n;

	for (i = 0; i < RULES; i++) {
		n = strlen(rules[i].name);
		if (strncmp(entry, rules[i].name, n) == 0 && entry[n] == '=')
			return &rules[i];
	}
	return NULL;
}

static char *append(char *to, const char *text)
{
	size_t n = strlen(text);

	memcpy(to, text, n + 1);
	return to + n;
}

char **rf_environment_make(char *const envp[], const char *extra)
{
	size_t count = RULES + 3, bytes = strlen(extra) + 1, i;
	const char *tunables = "";
	int kept[RULES] = {0};
	char **env, **e, *text;

	for (i = 0; envp[i]; i++) {
		count++;
		bytes += strlen(envp[i]) + 1;
	}
	for (i = 0; i < RULES; i++)
		bytes += strlen(rules[i].name) + 1 + strlen(rules[i].value ? rules[i].value : "") +
			 1;
	bytes += sizeof(TUNABLES) + sizeof(TUNABLES_BEFORE) + sizeof(TUNABLES_AFTER);
	bytes += (count + 1) * sizeof(*env);
	env = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (env == MAP_FAILED)
		return NULL;
	*(size_t *)env++ = bytes;
	text = (char *)(env + count);
	e = env;
	for (i = 0; envp[i]; i++) {
		const struct rule *rule = rule_of(envp[i]);

		if (strncmp(envp[i], TUNABLES, strlen(TUNABLES)) == 0) {
			tunables = envp[i] + strlen(TUNABLES);
			continue;
		}
		if (rule && !rule->keep)
			continue;
		if (rule)
			kept[rule - rules] = 1;
		*e++ = text;
		text = append(text, envp[i]) + 1;
	}
	for (i = 0; i < RULES; i++) {
		if (!rules[i].value || kept[i])
			continue;
		*e++ = text;
		text = append(append(append(text, rules[i].name), "="), rules[i].value) + 1;
	}
	*e++ = text;
	text = append(append(text, TUNABLES), TUNABLES_BEFORE);
	text = append(append(text, tunables), &TUNABLES_AFTER[*tunables ? 0 : 1]) + 1;
	*e++ = text;
	append(text, extra);
	*e = NULL;
	return env;
}

void rf_environment_free(char **env)
{
	munmap(env - 1, *(size_t *)(env - 1));
}
