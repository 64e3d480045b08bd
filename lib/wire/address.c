/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_port(const char *text, in_port_t *port)
{
	unsigned long value;
	char *end;

	if (*text < '1' || *text > '9' || strlen(text) > 5)
		return -1;
	value = strtoul(text, &end, 10);
	if (*end || value > 65535)
		return -1;
	*port = htons((in_port_t)value);
	return 0;
}

/* One entry; it may be changed. */
static int parse_one(char *entry, union rf_address *address)
{
	char *colon = strrchr(entry, ':'), *host = entry;
	size_t length;

	memset(address, 0, sizeof(*address));
	if (!colon)
		return -1;
	*colon = '\0';
	length = strlen(host);
	if (host[0] == '[' && length > 2 && host[length - 1] == ']') {
		host[length - 1] = '\0';
		address->v6.sin6_family = AF_INET6;
		if (inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) != 1)
			return -1;
		return parse_port(colon + 1, &address->v6.sin6_port);
	}
	address->v4.sin_family = AF_INET;
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) != 1)
		return -1;
	return parse_port(colon + 1, &address->v4.sin_port);
}

int rf_address_parse(const char *text, union rf_address list[RF_ADDRESS_LIST], struct rf_error *err)
{
	char entry[RF_ADDRESS_TEXT];
	const char *start = text;
	size_t length;
	int n = 0;

	if (!text || !*text)
		return rf_error_set(err, EINVAL, "no address given");
	for (;; start += length + 1) {
		length = strcspn(start, ",");
		if (n == RF_ADDRESS_LIST)
			return rf_error_set(err, EINVAL, "more than %d addresses in a list",
					    RF_ADDRESS_LIST);
		if (length >= sizeof(entry))
			length = sizeof(entry) - 1; /* such an entry is not an address anyway */
		memcpy(entry, start, length);
		entry[length] = '\0';
		if (parse_one(entry, &list[n]) < 0)
			return rf_error_set(err, EINVAL,
					    "address list, entry %d: \"%.*s\" is not ADDRESS:PORT "
					    "or [ADDRESS]:PORT",
					    n + 1, (int)length, start);
		n++;
		if (!start[length])
			return n;
	}
}

socklen_t rf_address_size(const union rf_address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

void rf_address_format(const union rf_address *address, char text[RF_ADDRESS_TEXT])
{
	const struct in6_addr *six = &address->v6.sin6_addr;
	char host[INET6_ADDRSTRLEN];

	if (address->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six)) {
		inet_ntop(AF_INET, &six->s6_addr[12], host, sizeof(host));
		snprintf(text, RF_ADDRESS_TEXT, "%s:%u", host, ntohs(address->v6.sin6_port));
	} else if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, six, host, sizeof(host));
		snprintf(text, RF_ADDRESS_TEXT, "[%s]:%u", host, ntohs(address->v6.sin6_port));
	} else if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
		snprintf(text, RF_ADDRESS_TEXT, "%s:%u", host, ntohs(address->v4.sin_port));
	} else {
		snprintf(text, RF_ADDRESS_TEXT, "%s",
			 address->any.sa_family == AF_UNIX ? "unix" : "unknown");
	}
}

/* What to list in which order; each entry of getifaddrs() falls into at most one class. */
enum class { GLOBAL4, GLOBAL6, LOOPBACK, CLASSES, NONE = CLASSES };

static enum class classify(const struct ifaddrs *entry, bool ipv6) {
	const union rf_address *address = (const void *)entry->ifa_addr;

	if (!address || !(entry->ifa_flags & IFF_UP)) return NONE;
	if (address->any.sa_family == AF_INET) return entry->ifa_flags & IFF_LOOPBACK ? LOOPBACK
										      : GLOBAL4;
	if (address->any.sa_family != AF_INET6 || !ipv6 ||
	    IN6_IS_ADDR_LINKLOCAL(&address->v6.sin6_addr)) return NONE;
	return entry->ifa_flags & IFF_LOOPBACK ? LOOPBACK : GLOBAL6;
}

char *rf_address_own(in_port_t port, int ipv6, struct rf_error *err)
{
	char one[RF_ADDRESS_TEXT], *text = NULL;
	struct ifaddrs *all = NULL, *entry;
	union rf_address address;
	size_t size = 0;
	FILE *out;
	int class, n = 0;

	if (getifaddrs(&all) < 0) {
		rf_error_errno(err, "this host's addresses");
		return NULL;
	}
	out = open_memstream(&text, &size);
	if (!out) {
		rf_error_errno(err, "this host's addresses");
		goto out;
	}
	for (class = GLOBAL4; class < CLASSES; class ++) {
		for (entry = all; entry && n < RF_ADDRESS_LIST; entry = entry->ifa_next) {
			if ((int)classify(entry, ipv6) != class)
				continue;
			memset(&address, 0, sizeof(address));
			memcpy(&address, entry->ifa_addr,
			       entry->ifa_addr->sa_family == AF_INET ? sizeof(address.v4)
								     : sizeof(address.v6));
			if (address.any.sa_family == AF_INET)
				address.v4.sin_port = htons(port);
			else
				address.v6.sin6_port = htons(port);
			rf_address_format(&address, one);
			fprintf(out, "%s%s", n++ ? "," : "", one);
		}
	}
	if (fclose(out) != 0) {
		rf_error_errno(err, "this host's addresses");
		free(text);
		text = NULL;
	} else if (n == 0) {
		rf_error_set(err, EADDRNOTAVAIL,
			     "no network interface of this host is up, not even loopback: "
			     "ip link set lo up");
		free(text);
		text = NULL;
	}
out:
	freeifaddrs(all);
	return text;
}
