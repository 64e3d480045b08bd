/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/auth.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_HEADER crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define STREAM_SEAL   crypto_secretstream_xchacha20poly1305_ABYTES
#define STREAM_KEY    crypto_secretstream_xchacha20poly1305_KEYBYTES
#define TAG_MORE      crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define TAG_FINAL     crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define NONCE	      32

_Static_assert(RF_AUTH_PROOF == STREAM_HEADER + STREAM_SEAL, "a proof is a header and a seal");
_Static_assert(RF_AUTH_SEAL == STREAM_SEAL, "frames are secretstream messages");

/* The first bytes of a connection. The role is in it, so that a hello sent back to us is refused.
 */
struct hello {
	unsigned char magic[4];
	unsigned char version[2]; /* big endian */
	unsigned char role;
	unsigned char zero;
	unsigned char nonce[NONCE];
};
_Static_assert(sizeof(struct hello) == RF_AUTH_HELLO, "a hello has no padding");

static const unsigned char magic[4] = {'R', 'F', 'R', 'Y'};
static const char label[16] = "rankferry wire 1";

/* What happens next. Each role walks through its own five in this order. */
enum state {
	SEND_HELLO,
	WANT_HELLO,
	SEND_PROOF,
	WANT_PROOF,
	DONE,
	FAILED,
};

struct rf_auth {
	enum rf_auth_role role;
	enum state state;
	struct rf_secret secret; /* wiped as soon as the keys are made */
	struct hello own, peer;
	unsigned char send_key[STREAM_KEY], receive_key[STREAM_KEY];
	crypto_secretstream_xchacha20poly1305_state sender, receiver;
	bool send_ended, receive_ended;
};

static enum state next_state(const struct rf_auth *auth)
{
	static const enum state initiator[] = {
		[SEND_HELLO] = WANT_HELLO,
		[WANT_HELLO] = SEND_PROOF,
		[SEND_PROOF] = WANT_PROOF,
		[WANT_PROOF] = DONE,
	};
	static const enum state responder[] = {
		[WANT_HELLO] = SEND_HELLO,
		[SEND_HELLO] = WANT_PROOF,
		[WANT_PROOF] = SEND_PROOF,
		[SEND_PROOF] = DONE,
	};

	return auth->role == RF_AUTH_INITIATOR ? initiator[auth->state] : responder[auth->state];
}

static void wipe_keys(struct rf_auth *auth)
{
	rf_secret_wipe(&auth->secret);
	sodium_memzero(auth->send_key, sizeof(auth->send_key));
	sodium_memzero(auth->receive_key, sizeof(auth->receive_key));
}

struct rf_auth *rf_auth_create(enum rf_auth_role role, const struct rf_secret *secret,
			       struct rf_error *err)
{
	struct rf_auth *auth;

	if (!secret) {
		rf_error_set(err, EINVAL, "no secret to prove a connection with");
		return NULL;
	}
	if (sodium_init() < 0) {
		rf_error_set(err, EIO, "libsodium finds no source of random numbers");
		return NULL;
	}
	auth = calloc(1, sizeof(*auth));
	if (!auth) {
		rf_error_errno(err, "connection");
		return NULL;
	}
	auth->role = role;
	auth->state = role == RF_AUTH_INITIATOR ? SEND_HELLO : WANT_HELLO;
	auth->secret = *secret;
	memcpy(auth->own.magic, magic, sizeof(magic));
	auth->own.version[0] = RF_AUTH_VERSION >> 8;
	auth->own.version[1] = RF_AUTH_VERSION & 0xff;
	auth->own.role = role;
	randombytes_buf(auth->own.nonce, sizeof(auth->own.nonce));
	return auth;
}

void rf_auth_destroy(struct rf_auth *auth)
{
	if (!auth)
		return;
	sodium_memzero(auth, sizeof(*auth));
	free(auth);
}

size_t rf_auth_wants(const struct rf_auth *auth)
{
	switch (auth->state) {
	case WANT_HELLO:
		return RF_AUTH_HELLO;
	case WANT_PROOF:
		return RF_AUTH_PROOF;
	default:
		return 0;
	}
}

bool rf_auth_done(const struct rf_auth *auth)
{
	return auth->state == DONE;
}

/* One BLAKE2b gives both directions' keys; the initiator's hello comes first on both sides. */
static void derive_keys(struct rf_auth *auth)
{
	bool first = auth->role == RF_AUTH_INITIATOR;
	const struct hello *a = first ? &auth->own : &auth->peer;
	const struct hello *b = first ? &auth->peer : &auth->own;
	unsigned char keys[2 * STREAM_KEY];
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, auth->secret.key, sizeof(auth->secret.key), sizeof(keys));
	crypto_generichash_update(&hash, (const unsigned char *)label, sizeof(label));
	crypto_generichash_update(&hash, (const unsigned char *)a, sizeof(*a));
	crypto_generichash_update(&hash, (const unsigned char *)b, sizeof(*b));
	crypto_generichash_final(&hash, keys, sizeof(keys));
	memcpy(first ? auth->send_key : auth->receive_key, keys, STREAM_KEY);
	memcpy(first ? auth->receive_key : auth->send_key, keys + STREAM_KEY, STREAM_KEY);
	sodium_memzero(keys, sizeof(keys));
	sodium_memzero(&hash, sizeof(hash));
	rf_secret_wipe(&auth->secret);
}

size_t rf_auth_send(struct rf_auth *auth, unsigned char out[RF_AUTH_PIECE])
{
	size_t size;

	if (auth->state == SEND_HELLO) {
		memcpy(out, &auth->own, sizeof(auth->own));
		size = RF_AUTH_HELLO;
	} else if (auth->state == SEND_PROOF) {
		crypto_secretstream_xchacha20poly1305_init_push(&auth->sender, out, auth->send_key);
		crypto_secretstream_xchacha20poly1305_push(&auth->sender, out + STREAM_HEADER, NULL,
							   NULL, 0, NULL, 0, TAG_MORE);
		size = RF_AUTH_PROOF;
	} else {
		return 0;
	}
	auth->state = next_state(auth);
	if (auth->state == DONE)
		wipe_keys(auth);
	return size;
}

static int receive_hello(struct rf_auth *auth, const unsigned char *piece, struct rf_error *err)
{
	unsigned int version;

	memcpy(&auth->peer, piece, sizeof(auth->peer));
	if (memcmp(auth->peer.magic, magic, sizeof(magic)) != 0)
		return rf_error_set(err, EPROTO, "the peer does not speak Rankferry's protocol");
	version = auth->peer.version[0] << 8 | auth->peer.version[1];
	if (version != RF_AUTH_VERSION)
		return rf_error_set(err, EPROTO,
				    "the peer speaks version %u of Rankferry's protocol, this "
				    "program version %u: install the same Rankferry on all hosts",
				    version, RF_AUTH_VERSION);
	if (auth->peer.role != !auth->own.role || auth->peer.zero != 0)
		return rf_error_set(err, EPROTO, "the peer's first bytes are not a hello to us");
	derive_keys(auth);
	return 0;
}

static int receive_proof(struct rf_auth *auth, const unsigned char *piece, struct rf_error *err)
{
	unsigned char tag;

	if (crypto_secretstream_xchacha20poly1305_init_pull(&auth->receiver, piece,
							    auth->receive_key) != 0 ||
	    crypto_secretstream_xchacha20poly1305_pull(&auth->receiver, NULL, NULL, &tag,
						       piece + STREAM_HEADER, STREAM_SEAL, NULL,
						       0) != 0 ||
	    tag != TAG_MORE)
		return rf_error_set(err, EACCES, "the peer does not hold this job's secret");
	return 0;
}

int rf_auth_receive(struct rf_auth *auth, const unsigned char *piece, struct rf_error *err)
{
	int rc;

	if (auth->state == WANT_HELLO)
		rc = receive_hello(auth, piece, err);
	else if (auth->state == WANT_PROOF)
		rc = receive_proof(auth, piece, err);
	else
		return rf_error_set(err, EINVAL, "no part of a handshake is due");
	if (rc < 0) {
		auth->state = FAILED;
		wipe_keys(auth);
		return -1;
	}
	auth->state = next_state(auth);
	if (auth->state == DONE)
		wipe_keys(auth);
	return 0;
}

int rf_auth_seal(struct rf_auth *auth, const void *content, size_t size, bool final,
		 unsigned char *out, struct rf_error *err)
{
	if (auth->state != DONE || auth->send_ended)
		return rf_error_set(err, EINVAL, "nothing can be sent on this connection");
	auth->send_ended = final;
	crypto_secretstream_xchacha20poly1305_push(&auth->sender, out, NULL, content, size, NULL, 0,
						   final ? TAG_FINAL : TAG_MORE);
	return 0;
}

int rf_auth_open(struct rf_auth *auth, const unsigned char *sealed, size_t size, void *content,
		 bool *final, struct rf_error *err)
{
	unsigned char tag;

	if (auth->state != DONE || auth->receive_ended)
		return rf_error_set(err, EINVAL, "nothing can be received on this connection");
	if (size < RF_AUTH_SEAL ||
	    crypto_secretstream_xchacha20poly1305_pull(&auth->receiver, content, NULL, &tag, sealed,
						       size, NULL, 0) != 0) {
		auth->state = FAILED;
		return rf_error_set(err, EBADMSG,
				    "a frame from the peer was changed, repeated or lost");
	}
	if (tag != TAG_MORE && tag != TAG_FINAL) {
		auth->state = FAILED;
		return rf_error_set(err, EBADMSG, "a frame from the peer has an unknown tag");
	}
	*final = auth->receive_ended = tag == TAG_FINAL;
	return 0;
}
