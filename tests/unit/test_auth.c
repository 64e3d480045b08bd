/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "wire/auth.h"

static struct rf_secret secret, other;
static struct rf_error err;

static void make_secrets(void)
{
	CU_ASSERT_EQUAL_FATAL(rf_secret_create(&secret, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(rf_secret_create(&other, NULL), 0);
}

/* Moves what one side has to say to the other; -1 if that refuses it. */
static int pass(struct rf_auth *from, struct rf_auth *to)
{
	unsigned char piece[RF_AUTH_PIECE];
	size_t size = rf_auth_send(from, piece);

	CU_ASSERT_EQUAL(size, rf_auth_wants(to));
	return rf_auth_receive(to, piece, &err);
}

/* A pair that has proven itself. */
static void join(struct rf_auth **a, struct rf_auth **b)
{
	make_secrets();
	*a = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	*b = rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL);
	CU_ASSERT_EQUAL(pass(*a, *b), 0);
	CU_ASSERT_EQUAL(pass(*b, *a), 0);
	CU_ASSERT_EQUAL(pass(*a, *b), 0);
	CU_ASSERT(!rf_auth_done(*a));
	CU_ASSERT_EQUAL(pass(*b, *a), 0);
	CU_ASSERT(rf_auth_done(*a) && rf_auth_done(*b));
}

static void part(struct rf_auth *a, struct rf_auth *b)
{
	rf_auth_destroy(a);
	rf_auth_destroy(b);
}

static void test_null(void)
{
	CU_ASSERT_PTR_NULL(rf_auth_create(RF_AUTH_INITIATOR, NULL, &err));
	rf_auth_destroy(NULL);
}

static void test_order(void)
{
	unsigned char piece[RF_AUTH_PIECE], sealed[RF_AUTH_SEAL], content[1];
	struct rf_auth *a, *b;
	bool final;

	make_secrets();
	a = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	b = rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL);
	CU_ASSERT_EQUAL(rf_auth_send(b, piece), 0);
	CU_ASSERT_EQUAL(rf_auth_wants(a), 0);
	CU_ASSERT_EQUAL(rf_auth_receive(a, piece, &err), -1);
	CU_ASSERT_EQUAL(rf_auth_send(a, piece), RF_AUTH_HELLO);
	CU_ASSERT_EQUAL(rf_auth_send(a, piece), 0);
	CU_ASSERT_EQUAL(rf_auth_seal(a, "", 0, false, sealed, &err), -1);
	CU_ASSERT_EQUAL(rf_auth_open(a, sealed, sizeof(sealed), content, &final, &err), -1);
	CU_ASSERT(!rf_auth_done(a));
	part(a, b);
}

static void test_frames(void)
{
	unsigned char sealed[3][16 + RF_AUTH_SEAL], content[16];
	struct rf_auth *a, *b;
	bool final = true;

	join(&a, &b);
	CU_ASSERT_EQUAL(rf_auth_seal(a, "0123456789abcdef", 16, false, sealed[0], &err), 0);
	CU_ASSERT_PTR_NULL(memmem(sealed[0], sizeof(sealed[0]), "0123", 4));
	CU_ASSERT_EQUAL(rf_auth_open(b, sealed[0], sizeof(sealed[0]), content, &final, &err), 0);
	CU_ASSERT_EQUAL(memcmp(content, "0123456789abcdef", 16), 0);
	CU_ASSERT(!final);
	CU_ASSERT_EQUAL(rf_auth_seal(b, NULL, 0, true, sealed[1], &err), 0);
	CU_ASSERT_EQUAL(rf_auth_open(a, sealed[1], RF_AUTH_SEAL, content, &final, &err), 0);
	CU_ASSERT(final);
	CU_ASSERT_EQUAL(rf_auth_seal(b, "x", 1, false, sealed[1], &err), -1);
	CU_ASSERT_EQUAL(rf_auth_open(a, sealed[1], RF_AUTH_SEAL, content, &final, &err), -1);
	CU_ASSERT_EQUAL(rf_auth_seal(a, "x", 1, false, sealed[2], &err), 0);
	CU_ASSERT_EQUAL(rf_auth_open(b, sealed[2], 1 + RF_AUTH_SEAL, content, &final, &err), 0);
	part(a, b);
}

static void test_wrong_secret(void)
{
	struct rf_auth *a, *b;

	make_secrets();
	a = rf_auth_create(RF_AUTH_INITIATOR, &other, NULL);
	b = rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL);
	CU_ASSERT_EQUAL(pass(a, b), 0);
	CU_ASSERT_EQUAL(pass(b, a), 0);
	CU_ASSERT_EQUAL(pass(a, b), -1);
	CU_ASSERT_STRING_EQUAL(err.text, "the peer does not hold this job's secret");
	CU_ASSERT_EQUAL(err.code, EACCES);
	CU_ASSERT_EQUAL(rf_auth_wants(b), 0);
	CU_ASSERT_EQUAL(pass(b, b), -1);
	CU_ASSERT(!rf_auth_done(b));
	part(a, b);
}

/* Every bit of every piece matters. */
static void test_every_bit(void)
{
	struct rf_auth *pair[2];
	unsigned char piece[RF_AUTH_PIECE];
	int step, bit, i, rc, accepted = 0;
	size_t size;

	make_secrets();
	for (step = 0; step < 4; step++) {
		size = step < 2 ? RF_AUTH_HELLO : RF_AUTH_PROOF;
		for (bit = 0; bit < 8 * (int)size; bit++) {
			pair[0] = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
			pair[1] = rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL);
			for (i = 0, rc = 0; i < 4 && rc == 0; i++) {
				if (rf_auth_send(pair[i % 2], piece) == 0)
					break;
				if (i == step)
					piece[bit / 8] ^= 1 << bit % 8;
				rc = rf_auth_receive(pair[!(i % 2)], piece, NULL);
			}
			accepted += rc == 0;
			CU_ASSERT(!(rf_auth_done(pair[0]) && rf_auth_done(pair[1])));
			part(pair[0], pair[1]);
		}
	}
	CU_ASSERT_EQUAL(accepted, 0);
}

static void test_version(void)
{
	unsigned char hello[RF_AUTH_PIECE];
	struct rf_auth *a, *b;

	make_secrets();
	a = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	b = rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL);
	rf_auth_send(a, hello);
	hello[5]++;
	CU_ASSERT_EQUAL(rf_auth_receive(b, hello, &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "speaks version 2"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "install the same Rankferry"));
	part(a, b);
}

static void test_replay(void)
{
	unsigned char hello[RF_AUTH_PIECE], proof[RF_AUTH_PIECE], answer[RF_AUTH_PIECE];
	struct rf_auth *a, *b, *c;

	/* what an initiator said to b, said again to c */
	make_secrets();
	a = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	b = rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL);
	c = rf_auth_create(RF_AUTH_RESPONDER, &secret, NULL);
	rf_auth_send(a, hello);
	rf_auth_receive(b, hello, NULL);
	rf_auth_send(b, answer);
	rf_auth_receive(a, answer, NULL);
	rf_auth_send(a, proof);
	CU_ASSERT_EQUAL(rf_auth_receive(b, proof, NULL), 0);
	CU_ASSERT_EQUAL(rf_auth_receive(c, hello, NULL), 0);
	CU_ASSERT_EQUAL(rf_auth_send(c, answer), RF_AUTH_HELLO);
	CU_ASSERT_EQUAL(rf_auth_receive(c, proof, NULL), -1);
	part(a, b);
	rf_auth_destroy(c);
}

static void test_reflected(void)
{
	unsigned char piece[RF_AUTH_PIECE];
	struct rf_auth *a, *b;

	make_secrets();
	a = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	rf_auth_send(a, piece);
	CU_ASSERT_EQUAL(rf_auth_receive(a, piece, NULL), -1);
	rf_auth_destroy(a);
	/* a man in the middle of two initiators or two responders has nothing to gain either */
	a = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	b = rf_auth_create(RF_AUTH_INITIATOR, &secret, NULL);
	rf_auth_send(a, piece);
	rf_auth_send(b, piece);
	CU_ASSERT_EQUAL(rf_auth_receive(a, piece, NULL), -1);
	part(a, b);
}

static void test_tampered(void)
{
	unsigned char sealed[2][8 + RF_AUTH_SEAL], bad[8 + RF_AUTH_SEAL], content[8];
	struct rf_auth *a, *b;
	bool final;
	int way;

	for (way = 0; way < 5; way++) {
		join(&a, &b);
		rf_auth_seal(a, "message1", 8, false, sealed[0], NULL);
		rf_auth_seal(a, "message2", 8, false, sealed[1], NULL);
		memcpy(bad, sealed[0], sizeof(bad));
		if (way == 0) { /* changed */
			bad[9] ^= 1;
			CU_ASSERT_EQUAL(rf_auth_open(b, bad, sizeof(bad), content, &final, &err),
					-1);
		} else if (way == 1) { /* lost */
			CU_ASSERT_EQUAL(
				rf_auth_open(b, sealed[1], sizeof(bad), content, &final, &err), -1);
		} else if (way == 2) { /* repeated */
			CU_ASSERT_EQUAL(rf_auth_open(b, bad, sizeof(bad), content, &final, &err),
					0);
			CU_ASSERT_EQUAL(rf_auth_open(b, bad, sizeof(bad), content, &final, &err),
					-1);
		} else if (way == 3) { /* sent back */
			CU_ASSERT_EQUAL(rf_auth_open(a, bad, sizeof(bad), content, &final, &err),
					-1);
			CU_ASSERT_EQUAL(rf_auth_open(a, bad, sizeof(bad), content, &final, &err),
					-1);
		} else { /* shortened, even to less than any frame has */
			CU_ASSERT_EQUAL(rf_auth_open(b, bad, 3, content, &final, &err), -1);
		}
		/* and after that nothing is accepted any more */
		if (way != 3)
			CU_ASSERT_EQUAL(
				rf_auth_open(b, sealed[0], sizeof(bad), content, &final, &err), -1);
		part(a, b);
	}
}

static const struct unit_test tests[] = {
	{"NULL is refused", test_null},
	{"nothing goes out of turn, nothing is sealed before the proof", test_order},
	{"sealed frames open at the other end, up to the final one", test_frames},
	{"a wrong secret is found, by the responder first", test_wrong_secret},
	{"no bit of a handshake can be changed", test_every_bit},
	{"another version is named", test_version},
	{"a proof is good once", test_replay},
	{"nobody can be made to talk to himself", test_reflected},
	{"changed, lost, repeated and reflected frames end the connection", test_tampered},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("auth", tests);
}
