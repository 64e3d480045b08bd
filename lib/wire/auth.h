/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two peers prove to each other that they hold the job's secret, then seal every frame.
 *
 * Pure computation, no input or output: channel.h moves the bytes. docs/protocol.md has the layout.
 *
 *	initiator                      responder
 *	hello (version, nonce)   ->
 *	                         <-    hello (version, nonce)
 *	proof                    ->
 *	                         <-    proof
 *
 * Both directions' keys are BLAKE2b, keyed with the secret, over the two hellos, so they are fresh
 * and differ by direction: nothing can be replayed or reflected. A proof is the header of a
 * crypto_secretstream_xchacha20poly1305 under that key and its first, empty message. All later
 *frames are messages of the same stream; it detects forged, lost, repeated and reordered ones. The
 * responder proves itself last: whoever lacks the secret gets a nonce and nothing else.
 */
#ifndef RF_WIRE_AUTH_H
#define RF_WIRE_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/secret.h"

#define RF_AUTH_VERSION 1  /* of everything on the wire; peers must have the same */
#define RF_AUTH_HELLO	40 /* bytes of a hello */
#define RF_AUTH_PROOF	41 /* bytes of a proof */
#define RF_AUTH_PIECE	41 /* the largest of them */
#define RF_AUTH_SEAL	17 /* bytes that a sealed frame is longer than its content */

enum rf_auth_role { RF_AUTH_INITIATOR, RF_AUTH_RESPONDER };

struct rf_auth;

/* NULL and `err` on failure. The secret is copied. destroy wipes all keys; NULL is allowed. */
struct rf_auth *rf_auth_create(enum rf_auth_role role, const struct rf_secret *secret,
			       struct rf_error *err);
void rf_auth_destroy(struct rf_auth *auth);

/* How many bytes the next piece from the peer has; 0 once the peer is proven or has failed. */
size_t rf_auth_wants(const struct rf_auth *auth);

/* Is the peer proven? Only then may frames be sealed and opened. */
bool rf_auth_done(const struct rf_auth *auth);

/*
 * Writes the next piece to send into `out` and returns its size, or 0 when it is the peer's turn.
 * To be called after create and after each receive, until it returns 0.
 */
size_t rf_auth_send(struct rf_auth *auth, unsigned char out[RF_AUTH_PIECE]);

/*
 * Takes the peer's next piece, exactly rf_auth_wants() bytes. -1 if it is not what a holder of the
 * secret would send; the handshake has then failed for good.
 */
int rf_auth_receive(struct rf_auth *auth, const unsigned char *piece, struct rf_error *err);

/* Seals `size` bytes into `out` (size + RF_AUTH_SEAL bytes). `final` marks this direction's end. */
int rf_auth_seal(struct rf_auth *auth, const void *content, size_t size, bool final,
		 unsigned char *out, struct rf_error *err);

/*
 * Opens a sealed frame of `size` bytes into `content` (size - RF_AUTH_SEAL bytes). -1 for anything
 * but the very next frame of the peer; the connection must be closed then.
 */
int rf_auth_open(struct rf_auth *auth, const unsigned char *sealed, size_t size, void *content,
		 bool *final, struct rf_error *err);

#endif
