/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/balance.h"

#define MINUTE 60000

/*
 * A job on simulated hosts: the true load of each, which the balance sees only where ranks are, as
 * the coordinator does. Moves are made at once.
 */
static struct {
	struct rf_balance *balance;
	struct rf_balance_options options;
	struct rf_balance_host host[40];
	double load[40]; /* true */
	bool fails;	 /* every move */
	unsigned hosts, ranks, moves, moved;
	struct rf_balance_rank rank[200];
	int64_t age_ms, pause_ms, spent_ms;
	struct rf_balance_advice last;
} sim;

static void begin(unsigned hosts, unsigned cpus, unsigned spares, unsigned each)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	static char many[40][8];
	unsigned i;

	memset(&sim, 0, sizeof(sim));
	sim.balance = rf_balance_create();
	sim.options = (struct rf_balance_options){0.1, 0.02};
	sim.hosts = hosts + spares;
	sim.pause_ms = 300;
	sim.age_ms = 60 * MINUTE;
	for (i = 0; i < sim.hosts; i++) {
		snprintf(many[i], sizeof(many[i]), "h%u", i);
		sim.host[i] = (struct rf_balance_host){i < 8 ? names[i] : many[i],
						       i < hosts ? cpus : 0, -1, false};
	}
	for (i = 0; i < hosts * each; i++)
		sim.rank[sim.ranks++] = (struct rf_balance_rank){i / each, 1, 1000 + i};
}

static unsigned on(unsigned host)
{
	unsigned r, n = 0;

	for (r = 0; r < sim.ranks; r++)
		n += sim.rank[r].host == host;
	return n;
}

static void go(void)
{
	unsigned r;

	if (sim.fails) {
		rf_balance_failed(sim.balance);
		sim.moves++;
		return;
	}
	for (r = 0; r < sim.ranks; r++) {
		sim.moved += sim.rank[r].host != sim.last.to[r];
		sim.rank[r].host = sim.last.to[r];
	}
	sim.moves++;
	sim.spent_ms += sim.pause_ms;
	rf_balance_moved(sim.balance, sim.pause_ms);
}

static void period(void)
{
	struct rf_balance_view view = {sim.host, sim.hosts, sim.rank, sim.ranks, 0};
	unsigned i;

	sim.age_ms += MINUTE;
	view.age_ms = sim.age_ms;
	for (i = 0; i < sim.hosts; i++)
		sim.host[i].foreign = on(i) ? sim.load[i] : -1;
	CU_ASSERT_EQUAL_FATAL(rf_balance_step(sim.balance, &sim.options, &view, &sim.last), 0);
	if (sim.last.what == RF_BALANCE_MOVE)
		go();
}

static void periods(unsigned n)
{
	while (n-- > 0)
		period();
}

static void end(void)
{
	rf_balance_destroy(sim.balance);
}

static void test_idle(void)
{
	begin(4, 4, 2, 4);
	periods(10000);
	CU_ASSERT_EQUAL(sim.moves, 0);
	end();
	/* more ranks than CPUs everywhere, as the user wished: nothing is to be gained either */
	begin(2, 1, 0, 2);
	periods(1000);
	CU_ASSERT_EQUAL(sim.moves, 0);
	end();
}

static void test_spare(void)
{
	begin(2, 2, 1, 2);
	sim.load[1] = 6;
	period();
	CU_ASSERT_EQUAL(sim.last.what, RF_BALANCE_PROVE);
	CU_ASSERT_DOUBLE_EQUAL(sim.last.before, 0.25, 0.001);
	CU_ASSERT_DOUBLE_EQUAL(sim.last.after, 1, 0.001);
	CU_ASSERT_EQUAL(sim.last.slow, 1);
	period();
	CU_ASSERT_EQUAL(sim.moves, 1);
	CU_ASSERT_EQUAL(on(2), 2);
	CU_ASSERT_EQUAL(on(0), 2);
	periods(2);
	CU_ASSERT(sim.last.judged);
	CU_ASSERT(sim.last.helped);
	/* the load stays: nothing else happens, ever */
	periods(10000);
	CU_ASSERT_EQUAL(sim.moves, 1);
	end();
}

static void test_part(void)
{
	/* two CPUs of four are taken: two of four ranks leave, those with the least memory */
	begin(2, 4, 1, 4);
	sim.load[0] = 2;
	sim.rank[3].memory = sim.rank[2].memory = 1;
	periods(2);
	CU_ASSERT_EQUAL(sim.moves, 1);
	CU_ASSERT_EQUAL(on(0), 2);
	CU_ASSERT_EQUAL(on(2), 2);
	CU_ASSERT_EQUAL(sim.rank[3].host, 2);
	CU_ASSERT_EQUAL(sim.rank[2].host, 2);
	end();
}

static void test_room(void)
{
	/* no host gets more ranks than CPUs */
	begin(2, 2, 0, 2);
	sim.load[1] = 6;
	periods(100);
	CU_ASSERT_EQUAL(sim.moves, 0);
	end();
	/* but the user has: then others may get as many */
	begin(2, 2, 0, 1);
	sim.rank[1].host = 0;
	sim.rank[2] = sim.rank[3] = sim.rank[0];
	sim.ranks = 4;
	sim.rank[3].host = 1;
	sim.load[1] = 8;
	periods(2);
	CU_ASSERT_EQUAL(on(0), 3); /* dense is 3 ranks on 2 CPUs */
	end();
}

static void test_closed(void)
{
	begin(2, 2, 1, 2);
	sim.load[1] = 6;
	sim.host[2].closed = true;
	periods(100);
	CU_ASSERT_EQUAL(sim.moves, 0);
	end();
}

static void test_short(void)
{
	/* a load that is over before it is proven moves nobody */
	unsigned i;

	begin(2, 2, 1, 2);
	for (i = 0; i < 1000; i++) {
		sim.load[1] = i % 2 ? 6 : 0;
		period();
	}
	CU_ASSERT_EQUAL(sim.moves, 0);
	end();
}

static void test_small(void)
{
	begin(2, 20, 1, 20);
	sim.load[1] = 1; /* 5 % */
	periods(1000);
	CU_ASSERT_EQUAL(sim.moves, 0);
	sim.load[1] = 4;
	periods(2);
	CU_ASSERT_EQUAL(sim.moves, 1);
	end();
}

static void test_useless(void)
{
	/* all hosts are equally loaded, which is known of a host only when ranks are there */
	unsigned i;

	begin(1, 2, 7, 2);
	for (i = 0; i < sim.hosts; i++)
		sim.load[i] = 6;
	periods(4);
	CU_ASSERT_EQUAL(sim.moves, 1);
	CU_ASSERT(sim.last.judged);
	CU_ASSERT(!sim.last.helped);
	CU_ASSERT_EQUAL(sim.last.wait, RF_BALANCE_REST);
	periods(10000);
	CU_ASSERT(sim.moves > 3);
	CU_ASSERT(sim.moves < 16);
	end();
}

static void test_chase(void)
{
	/* the worst that load can do: it follows the ranks */
	unsigned i, r;

	begin(2, 2, 2, 2);
	for (i = 0; i < 20000; i++) {
		memset(sim.load, 0, sizeof(sim.load));
		for (r = 0; r < sim.ranks; r++)
			sim.load[sim.rank[r].host] = 6;
		period();
	}
	CU_ASSERT(sim.moves < 30);
	CU_ASSERT((double)sim.spent_ms < 0.02 * (double)sim.age_ms);
	end();
}

static void test_return(void)
{
	/* load that wanders slowly is followed: when it comes to the spare, ranks go back */
	begin(2, 2, 1, 2);
	sim.load[1] = 6;
	periods(20);
	CU_ASSERT_EQUAL(on(2), 2);
	sim.load[1] = 0;
	sim.load[2] = 6;
	periods(20);
	CU_ASSERT_EQUAL(on(1), 2);
	CU_ASSERT_EQUAL(sim.moves, 2);
	end();
}

static void test_cost(void)
{
	begin(2, 2, 1, 2);
	sim.load[1] = 6;
	sim.age_ms = 0;
	sim.options.cost_limit = 0.001; /* 1 s, of 1000 s at least */
	period();
	period();
	CU_ASSERT_EQUAL(sim.last.what, RF_BALANCE_COSTLY);
	periods(14);
	CU_ASSERT_EQUAL(sim.moves, 0);
	period();
	CU_ASSERT_EQUAL(sim.moves, 1);
	end();
	/* it must pay for itself in the time that is left, too */
	begin(2, 2, 1, 2);
	sim.load[1] = 6;
	sim.age_ms = -2 * MINUTE + 500;
	sim.options.cost_limit = 1;
	periods(2);
	CU_ASSERT_EQUAL(sim.last.what, RF_BALANCE_COSTLY);
	end();
}

static void test_failure(void)
{
	begin(2, 2, 1, 2);
	sim.load[1] = 6;
	sim.fails = true;
	periods(10000);
	CU_ASSERT(sim.moves > 5);
	CU_ASSERT(sim.moves < 16);
	end();
}

static void test_random(void)
{
	/* whatever it is: never a move that is not to be gained from, nor too many ranks */
	unsigned round, i, r, n;

	srand(5);
	for (round = 0; round < 50; round++) {
		unsigned cpus = 1 + (unsigned)rand() % 4;

		begin(2 + (unsigned)rand() % 10, cpus, (unsigned)rand() % 4, cpus);
		for (n = 0; n < 2000; n++) {
			if (n % 50 == 0)
				sim.load[(unsigned)rand() % sim.hosts] = rand() % 9;
			period();
			CU_ASSERT_FATAL(sim.last.after >= sim.last.before - 1e-9);
			for (i = 0; i < sim.hosts; i++)
				CU_ASSERT_FATAL(on(i) <= cpus);
			for (r = 0; r < sim.ranks; r++)
				CU_ASSERT_FATAL(sim.last.to[r] < sim.hosts);
		}
		CU_ASSERT((double)sim.spent_ms <= 0.02 * (double)sim.age_ms);
		CU_ASSERT(sim.moves <= 2000 / RF_BALANCE_REST);
		end();
	}
}

static const struct unit_test tests[] = {
	{"without other load nothing moves", test_idle},
	{"ranks leave a loaded host for an idle one, once", test_spare},
	{"only as many as is of use, the small ones", test_part},
	{"a CPU gets no more ranks than one had from the start", test_room},
	{"a host that is not to be used is not", test_closed},
	{"short load moves nobody", test_short},
	{"nor does little load", test_small},
	{"where nothing helps there are ever fewer moves", test_useless},
	{"load that follows the ranks does not make them run", test_chase},
	{"load that wanders is followed", test_return},
	{"what costs more than it brings, or too much, waits", test_cost},
	{"moves that fail get ever fewer", test_failure},
	{"at random: bounded moves, never for nothing", test_random},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("balance", tests);
}
