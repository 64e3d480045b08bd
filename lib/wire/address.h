/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of numeric TCP addresses as text: "10.1.0.2:4711,[2001:db8::2]:4711,127.0.0.1:4711". No
 * name is ever looked up: a name server that does not answer must not stop a job.
 */
#ifndef RF_WIRE_ADDRESS_H
#define RF_WIRE_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "util/error.h"

#define RF_ADDRESS_TEXT 64 /* bytes, "[IPv6]:port" and the final zero */
#define RF_ADDRESS_LIST 32 /* addresses in a list */

union rf_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

/* Parses a list into `list`; returns how many (1 to RF_ADDRESS_LIST), or -1 naming the bad entry.
 */
int rf_address_parse(const char *text, union rf_address list[RF_ADDRESS_LIST],
		     struct rf_error *err);

/* Size of the address, for connect(). */
socklen_t rf_address_size(const union rf_address *address);

/* "10.1.0.2:4711", "[::1]:4711", "unix" or "unknown". */
void rf_address_format(const union rf_address *address, char text[RF_ADDRESS_TEXT]);

/*
 * The addresses of this host's interfaces that are up, with `port`, as a list for others: IPv4,
 * then IPv6 if `ipv6` (no link-local ones: they mean nothing elsewhere), loopback last. The caller
 * frees it.
 */
char *rf_address_own(in_port_t port, int ipv6, struct rf_error *err);

#endif
