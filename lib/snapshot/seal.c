/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define FIRST_LINE "rankferry image, format "
#define READ_BYTES (1UL << 20)

void rf_seal_text(const struct rf_sum *sum, char text[RF_SUM_TEXT])
{
	snprintf(text, RF_SUM_TEXT, "%016" PRIx64 "%016" PRIx64, sum->high, sum->low);
}

static int read_exactly(int fd, void *to, size_t n, uint64_t at)
{
	char *p = to;

	while (n) {
		ssize_t got = pread(fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got == 0)
				errno = EIO;
			return -1;
		}
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

static int digest_part(int fd, XXH3_state_t *state, char *buf, uint64_t from, uint64_t to)
{
	while (from < to) {
		size_t n = to - from < READ_BYTES ? to - from : READ_BYTES;

		if (read_exactly(fd, buf, n, from))
			return -1;
		XXH3_128bits_update(state, buf, n);
		from += n;
	}
	return 0;
}

/* Everything behind the user block but the pages */
static int digest(int fd, const char *path, const struct rf_seal *seal, struct rf_sum *sum,
		  struct rf_error *err)
{
	uint64_t gap = seal->pages_bytes ? seal->pages_offset : seal->bytes;
	XXH3_state_t *state = XXH3_createState();
	char *buf = malloc(READ_BYTES);
	int failed = -1;

	if (!state || !buf) {
		rf_error_set(err, ENOMEM, "no memory to check %s", path);
		goto out;
	}
	XXH3_128bits_reset(state);
	if (digest_part(fd, state, buf, RF_SEAL_BYTES, gap) ||
	    digest_part(fd, state, buf, gap + seal->pages_bytes, seal->bytes)) {
		rf_error_errno(err, "cannot read %s", path);
		goto out;
	}
	*sum = (struct rf_sum){XXH3_128bits_digest(state).low64, XXH3_128bits_digest(state).high64};
	failed = 0;
out:
	free(buf);
	XXH3_freeState(state);
	return failed;
}

int rf_seal_write(int fd, const char *path, struct rf_seal *seal, struct rf_error *err)
{
	char block[RF_SEAL_BYTES] = "";
	XXH128_hash_t own;
	struct stat st;
	int n;

	if (fstat(fd, &st))
		return rf_error_errno(err, "cannot read %s", path);
	seal->version = RF_IMAGE_VERSION;
	seal->bytes = (uint64_t)st.st_size;
	if (digest(fd, path, seal, &seal->digest, err))
		return -1;
	n = snprintf(block, sizeof(block),
		     FIRST_LINE "%u\nbytes %" PRIu64 "\npages %" PRIu64 " %" PRIu64
				"\ndigest %016" PRIx64 "%016" PRIx64 "\n",
		     seal->version, seal->bytes, seal->pages_offset, seal->pages_bytes,
		     seal->digest.high, seal->digest.low);
	own = XXH3_128bits(block, (size_t)n);
	snprintf(block + n, sizeof(block) - (size_t)n, "seal %016" PRIx64 "%016" PRIx64 "\n",
		 (uint64_t)own.high64, (uint64_t)own.low64);
	if (pwrite(fd, block, sizeof(block), 0) != sizeof(block))
		return rf_error_errno(err, "cannot write %s", path);
	return 0;
}

int rf_seal_check(int fd, const char *path, int quick, struct rf_seal *seal, struct rf_error *err)
{
	char block[RF_SEAL_BYTES], *end;
	struct rf_sum found = {0, 0};
	XXH128_hash_t own;
	struct stat st;
	uint64_t high, low;

	if (fstat(fd, &st))
		return rf_error_errno(err, "cannot read %s", path);
	if (st.st_size < RF_SEAL_BYTES || read_exactly(fd, block, sizeof(block), 0) ||
	    strncmp(block, FIRST_LINE, strlen(FIRST_LINE)) || block[sizeof(block) - 1])
		return rf_error_set(err, EINVAL, "%s is not a complete image of Rankferry", path);
	seal->version = (unsigned)strtoul(block + strlen(FIRST_LINE), NULL, 10);
	if (seal->version != RF_IMAGE_VERSION)
		return rf_error_set(err, EPROTO,
				    "%s has format version %u; this Rankferry reads version %u",
				    path, seal->version, RF_IMAGE_VERSION);
	end = strstr(block, "seal ");
	own = XXH3_128bits(block, end ? (size_t)(end - block) : 0);
	if (!end || sscanf(end, "seal %16" SCNx64 "%16" SCNx64, &high, &low) != 2 ||
	    own.high64 != high || own.low64 != low ||
	    sscanf(strchr(block, '\n'),
		   " bytes %" SCNu64 " pages %" SCNu64 " %" SCNu64 " digest %16" SCNx64
		   "%16" SCNx64,
		   &seal->bytes, &seal->pages_offset, &seal->pages_bytes, &seal->digest.high,
		   &seal->digest.low) != 5)
		return rf_error_set(err, EIO, "%s is damaged: its first block has changed", path);
	for (const char *p = end + strlen("seal ") + 33; p < block + sizeof(block); p++)
		if (*p)
			return rf_error_set(err, EIO, "%s is damaged: its first block has changed",
					    path);
	if ((uint64_t)st.st_size != seal->bytes || seal->pages_offset > seal->bytes ||
	    seal->pages_bytes > seal->bytes - seal->pages_offset)
		return rf_error_set(err, EIO,
				    "%s is truncated or has grown: %lld bytes, not %" PRIu64, path,
				    (long long)st.st_size, seal->bytes);
	if (quick)
		return 0;
	if (digest(fd, path, seal, &found, err))
		return -1;
	if (found.low != seal->digest.low || found.high != seal->digest.high)
		return rf_error_set(err, EIO, "%s is damaged: its tables have changed", path);
	return 0;
}

int rf_seal_read(const char *path, struct rf_seal *seal, struct rf_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return rf_error_errno(err, "cannot open %s", path);
	r = rf_seal_check(fd, path, 1, seal, err);
	close(fd);
	return r;
}
