/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/warden.h"

/*
 * A run with simulated time: each step is said to the warden, which then decides as often as it
 * asks for it until the next one, and all that it does is written down: "+" bad, "!" a move begins
 * (hosts, then), "-" empty, "?" wait,
 * "~" again, "x" given up, "=" ok; behind each the host and the time.
 */
struct step {
	int64_t at;
	const char *do_; /* "drain a", "unhealthy a", "ok a", "use a", "moved", "left", "busy",
			    "fail", "off" */
};

static struct {
	struct rf_warden *warden;
	int64_t now;
	char log[1000], used[20];
	enum rf_host_state state[26];
	unsigned monitor;
	int sync; /* a move fails at once */
	bool back;
} sim;

static void put(const char *what, const char *host)
{
	size_t n = strlen(sim.log);

	snprintf(sim.log + n, sizeof(sim.log) - n, "%s%s%s@%d", n ? " " : "", what, host,
		 (int)sim.now);
}

static bool is_used(const char *host, void *data)
{
	(void)data;
	return strchr(sim.used, *host);
}

static void evacuate(const char *const host[], unsigned hosts, void *data)
{
	char names[20] = "";
	struct rf_error err;
	unsigned i;

	(void)data;
	for (i = 0; i < hosts; i++)
		strcat(names, host[i]);
	put("!", names);
	if (!sim.sync)
		return;
	rf_error_set(&err, EBUSY, "not now");
	rf_warden_failed(sim.warden, sim.now, &err);
}

static bool bring_back(const char *host, void *data)
{
	(void)data;
	return !strchr(sim.used, *host);
}

static void event(const struct rf_warden_event *e, void *data)
{
	static const char *const signs[] = {"+", "=", NULL, "-", "?", "~", "x", "<", "!!"};

	(void)data;
	if (signs[e->what])
		put(signs[e->what], e->host);
	if (e->what == RF_WARDEN_EMPTY && e->error)
		put("but", "");
	if (e->what == RF_WARDEN_BAD)
		CU_ASSERT_STRING_EQUAL(e->reason, "why");
}

static void hear(void)
{
	char names[26][2];
	struct rf_word words[26];
	unsigned i, n = 0;

	for (i = 0; i < 26; i++) {
		names[i][0] = (char)('a' + i);
		names[i][1] = '\0';
		if (sim.state[i] != RF_HOST_OK)
			words[n++] = (struct rf_word){names[i], sim.state[i], 0, "why", false};
	}
	rf_warden_hear(sim.warden, sim.now, sim.monitor, "test", words, n);
}

static void take(const char *step)
{
	const char *object = strchr(step, ' ');
	struct rf_error err;
	int s;

	for (s = 0; object && s < RF_HOST_STATES; s++) {
		const char *name = rf_host_state_name((enum rf_host_state)s);

		if (strncmp(step, name, strlen(name)) != 0)
			continue;
		sim.state[object[1] - 'a'] = (enum rf_host_state)s;
		hear();
		return;
	}
	if (object)
		strcpy(sim.used, object + 1);
	else if (strcmp(step, "moved") == 0)
		rf_warden_moved(sim.warden, sim.now, NULL);
	else if (strcmp(step, "left") == 0) { /* but not confirmed */
		rf_error_set(&err, EIO, "but so it is");
		rf_warden_moved(sim.warden, sim.now, &err);
	} else if (strcmp(step, "off") == 0)
		rf_warden_hear(sim.warden, sim.now, sim.monitor, "test", NULL, 0);
	else if (strcmp(step, "busy") == 0 || strcmp(step, "fail") == 0) {
		rf_error_set(&err, *step == 'b' ? EBUSY : EIO, "so it is");
		rf_warden_failed(sim.warden, sim.now, &err);
	}
}

static void run(const struct step *steps)
{
	static const struct rf_warden_ops ops = {is_used, evacuate, bring_back, event};
	struct rf_warden_options options = rf_warden_presets;
	int64_t due = -1;
	int decisions = 0;

	options.retries = 2;
	options.back = sim.back;
	memset(&sim, 0, sizeof(sim));
	strcpy(sim.used, "abc");
	sim.warden = rf_warden_create(&options, &ops, NULL);
	for (; steps->do_; steps++) {
		while (due >= 0 && due <= steps->at && ++decisions < 1000) {
			sim.now = due;
			due = rf_warden_decide(sim.warden, sim.now);
			due = due < 0 ? -1 : sim.now + due;
		}
		sim.now = steps->at;
		take(steps->do_);
		due = rf_warden_decide(sim.warden, sim.now);
		due = due < 0 ? -1 : sim.now + due;
	}
	CU_ASSERT(decisions < 200); /* it does not ask to be called without need */
}

static void expect(const char *log)
{
	CU_ASSERT_STRING_EQUAL(sim.log, log);
	if (strcmp(sim.log, log) != 0)
		printf("# got:    %s\n# wanted: %s\n", sim.log, log);
	rf_warden_destroy(sim.warden);
}

static void test_once(void)
{
	run((struct step[]){{100, "drain a"},
			    {900, "use bc"},
			    {1000, "moved"},
			    {2000, "drain a"},
			    {3000, "use abc"}, /* the user has put something there again */
			    {90000, "drain a"},
			    {0, NULL}});
	expect("+a@100 !a@100 -a@1000");
}

/* The ranks have left: there is nothing to be moved again. */
static void test_unconfirmed(void)
{
	run((struct step[]){
		{100, "drain a"}, {900, "use bc"}, {1000, "left"}, {90000, "drain a"}, {0, NULL}});
	expect("+a@100 !a@100 -a@1000 but@1000");
}

static void test_back(void)
{
	run((struct step[]){{0, "drain a"},
			    {500, "use bc"},
			    {500, "moved"},
			    {1000, "ok a"},
			    {3000, "drain a"}, /* not ok for long enough */
			    {9000, "ok a"},
			    {20000, "use abc"},
			    {30000, "drain a"},
			    {0, NULL}});
	expect("+a@0 !a@0 -a@500 =a@14000 +a@30000 !a@30000");
}

static void test_debounce(void)
{
	run((struct step[]){{0, "unhealthy a"},
			    {2000, "ok a"},
			    {2500, "unhealthy a"},
			    {5400, "ok a"},
			    {60000, "unhealthy a"},
			    {70000, "off"},
			    {0, NULL}});
	expect("+a@63000 !a@63000");
}

static void test_retries(void)
{
	run((struct step[]){{0, "drain a"},
			    {1000, "fail"},
			    {7000, "fail"},
			    {18000, "fail"},
			    {900000, "unhealthy a"}, /* worse: another attempt */
			    {0, NULL}});
	expect("+a@0 !a@0 ~a@1000 !a@6000 ~a@7000 !a@17000 xa@18000");
	run((struct step[]){{0, "drain a"},
			    {1000, "fail"},
			    {7000, "fail"},
			    {18000, "fail"},
			    {100000, "unhealthy a"},
			    {200000, "moved"},
			    {0, NULL}});
	expect("+a@0 !a@0 ~a@1000 !a@6000 ~a@7000 !a@17000 xa@18000 +a@103000 !a@103000 -a@200000");
}

static void test_room(void)
{
	run((struct step[]){{0, "use ab"},
			    {0, "drain a"},
			    {0, "drain c"}, /* nothing of ours: no move, but not a target, too */
			    {1000, "fail"},
			    {7000, "fail"},
			    {18000, "fail"},
			    {20000, "ok c"},
			    {30000, "use abc"},
			    {0, NULL}});
	expect("+a@0 !a@0 +c@0 ~a@1000 !a@6000 ~a@7000 !a@17000 xa@18000 =c@25000 !a@25000");
	rf_warden_destroy(NULL);
}

static void test_busy(void)
{
	run((struct step[]){{0, "drain a"},
			    {0, "busy"},
			    {1000, "busy"},
			    {3000, "busy"},
			    {7000, "busy"},
			    {15500, "moved"},
			    {0, NULL}});
	expect("+a@0 !a@0 ?a@0 !a@1000 !a@3000 !a@7000 !a@15000 -a@15500");
}

static void test_parallel(void)
{
	run((struct step[]){{0, "use xyz"},
			    {0, "drain a"},
			    {0, "drain b"},
			    {0, "drain c"},
			    {10, "use abc"},
			    {20, "ok a"},
			    {0, NULL}});
	expect("+a@0 +b@0 +c@0");
	run((struct step[]){{0, "drain a"},
			    {10, "drain b"},
			    {10, "drain c"},
			    {500, "fail"},
			    {600, "moved"},
			    {6000, "moved"},
			    {0, NULL}});
	expect("+a@0 !a@0 +b@10 +c@10 ~a@500 !bc@500 -b@600 -c@600 !a@5500 -a@6000");
}

static void test_urgent(void)
{
	static const struct rf_warden_ops ops = {is_used, evacuate, bring_back, event};
	const struct rf_word words[] = {{"a", RF_HOST_DRAIN, 0, "why", false},
					{"b", RF_HOST_DRAIN, 2000, "why", false},
					{"c", RF_HOST_DRAIN, 1000, "why", false}};

	memset(&sim, 0, sizeof(sim));
	strcpy(sim.used, "abc");
	sim.warden = rf_warden_create(&rf_warden_presets, &ops, NULL);
	rf_warden_hear(sim.warden, 0, 3, "test", words, 3);
	CU_ASSERT(rf_warden_avoids(sim.warden, "a"));
	CU_ASSERT(!rf_warden_avoids(sim.warden, "d"));
	rf_warden_decide(sim.warden, 0);
	expect("+a@0 +b@0 +c@0 !cb@0");
}

static void test_monitors(void)
{
	static const struct rf_warden_ops ops = {is_used, evacuate, bring_back, event};
	const struct rf_word drain = {"a", RF_HOST_DRAIN, 0, "why", false};
	const struct rf_word ok = {"a", RF_HOST_OK, 0, NULL, false};

	memset(&sim, 0, sizeof(sim));
	strcpy(sim.used, "a");
	sim.warden = rf_warden_create(&rf_warden_presets, &ops, NULL);
	rf_warden_hear(sim.warden, 0, 0, "one", &drain, 1);
	rf_warden_hear(sim.warden, 0, 1, "two", &ok,
		       1); /* that another has no objection counts nothing */
	rf_warden_decide(sim.warden, 0);
	rf_warden_moved(sim.warden, 0, NULL);
	rf_warden_hear(sim.warden, 0, 0, "one", NULL, 0);
	CU_ASSERT_EQUAL(rf_warden_decide(sim.warden, 0), 5000);
	sim.now = 5000;
	CU_ASSERT_EQUAL(rf_warden_decide(sim.warden, 5000), -1);
	CU_ASSERT(!rf_warden_avoids(sim.warden, "a"));
	expect("+a@0 !a@0 -a@0 =a@5000");
}

static void test_return(void)
{
	sim.back = true;
	run((struct step[]){{0, "drain a"},
			    {500, "use bc"},
			    {500, "moved"},
			    {1000, "ok a"},
			    {7000, "busy"},
			    {9000, "fail"},
			    {15000, "use abc"},
			    {15000, "moved"},
			    {90000, "ok a"},
			    {0, NULL}});
	expect("+a@0 !a@0 -a@500 =a@6000 <a@6000 ?a@7000 <a@8000 ~a@9000 <a@14000 !!a@15000");
	sim.back = true; /* it is bad again before they are back, and on their way */
	run((struct step[]){{0, "drain a"},
			    {500, "use bc"},
			    {500, "moved"},
			    {1000, "ok a"},
			    {7000, "fail"},
			    {8000, "drain a"},
			    {9000, "ok a"},
			    {14500, "drain a"},
			    {15000, "use abc"},
			    {15000, "moved"},
			    {0, NULL}});
	expect("+a@0 !a@0 -a@500 =a@6000 <a@6000 ~a@7000 +a@8000 =a@14000 <a@14000 !!a@15000 "
	       "+a@15000 !a@15000");
	sim.back = true; /* never ending failure ends */
	run((struct step[]){{0, "drain a"},
			    {500, "use bc"},
			    {500, "moved"},
			    {1000, "ok a"},
			    {7000, "fail"},
			    {13000, "fail"},
			    {24000, "fail"},
			    {99000, "ok a"},
			    {0, NULL}});
	expect("+a@0 !a@0 -a@500 =a@6000 <a@6000 ~a@7000 <a@12000 ~a@13000 <a@23000 xa@24000");
}

static void test_always_busy(void)
{
	static const struct rf_word word = {"a", RF_HOST_DRAIN, 0, "why", false};
	static const struct rf_warden_ops ops = {is_used, evacuate, bring_back, event};
	int64_t ms;
	int decisions = 0;

	memset(&sim, 0, sizeof(sim));
	strcpy(sim.used, "a");
	sim.sync = 1;
	sim.warden = rf_warden_create(&rf_warden_presets, &ops, NULL);
	rf_warden_hear(sim.warden, 0, 0, "test", &word, 1);
	while ((ms = rf_warden_decide(sim.warden, sim.now)) >= 0 && ++decisions < 1000) {
		sim.now += ms;
		*sim.log = '\0'; /* the last one is of interest */
	}
	CU_ASSERT(decisions > 60 && decisions < 1000);
	CU_ASSERT(strstr(sim.log, "xa@") != NULL);
	CU_ASSERT(sim.now > 20 * 60000);
	rf_warden_destroy(sim.warden);
}

static const struct unit_test tests[] = {
	{"a host is emptied once for each time that it is told of", test_once},
	{"a host that ranks have left is not emptied again", test_unconfirmed},
	{"a host that is ok again may be told of again", test_back},
	{"a state must last, and one that nobody tells any more is none", test_debounce},
	{"a move that fails is tried again later, until it is given up", test_retries},
	{"a host without ranks is only avoided", test_room},
	{"a job that can not be moved now is no failure", test_busy},
	{"a job that can never be moved is given up, too", test_always_busy},
	{"hosts share a move, but for one that has failed", test_parallel},
	{"who must be gone first goes first", test_urgent},
	{"ranks go back, if they are to", test_return},
	{"the worst of several monitors' words counts", test_monitors},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("warden", tests);
}
