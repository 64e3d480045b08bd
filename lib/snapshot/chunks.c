/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/chunks.h"
#include "snapshot/h5error.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define BATCH	    32 /* chunks in memory */
#define THREADS_MAX 16

struct chunk {
	char *from, *to;
	size_t packed; /* 0: as it is */
};

struct rf_chunks {
	hid_t dataset;
	const char *path;
	enum rf_codec codec;
	int level;
	uint64_t first; /* page of the first chunk of the batch */
	uint64_t pages; /* in the batch */
	unsigned threads;
	unsigned next; /* chunk that the next thread takes */
	struct chunk chunk[BATCH];
};

/*
 * HDF5 wants to know a filter that it shall note in a dataset. It never has to apply it here:
 * chunks are written as they are, and read by rf_codec_unpack().
 */
static size_t never(unsigned flags, size_t n, const unsigned values[], size_t bytes, size_t *size,
		    void **buf)
{
	(void)flags, (void)n, (void)values, (void)bytes, (void)size, (void)buf;
	return 0;
}

int rf_chunks_filter(hid_t plist, enum rf_codec codec, int level)
{
	static const H5Z_class2_t lz4 = {
		H5Z_CLASS_T_VERS, RF_FILTER_LZ4, 1, 1, "lz4", NULL, NULL, never};
	static const H5Z_class2_t zstd = {H5Z_CLASS_T_VERS, RF_FILTER_ZSTD, 1,	  1,
					  "zstd",	    NULL,	    NULL, never};
	hsize_t shape[2] = {RF_CHUNK_PAGES, RF_PAGE_SIZE};
	unsigned value = (unsigned)level;

	if (H5Pset_chunk(plist, 2, shape) < 0)
		return -1;
	H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER);
	if (codec == RF_CODEC_LZ4) {
		value = RF_CHUNK_BYTES; /* the plugin's parameter is the block size */
		return H5Zregister(&lz4) < 0
			       ? -1
			       : H5Pset_filter(plist, RF_FILTER_LZ4, H5Z_FLAG_OPTIONAL, 1, &value);
	}
	return H5Zregister(&zstd) < 0
		       ? -1
		       : H5Pset_filter(plist, RF_FILTER_ZSTD, H5Z_FLAG_OPTIONAL, 1, &value);
}

struct rf_chunks *rf_chunks_create(hid_t dataset, const char *path, enum rf_codec codec, int level,
				   struct rf_error *err)
{
	struct rf_chunks *c = calloc(1, sizeof(*c));
	cpu_set_t cpus;
	int failed = !c;

	for (int i = 0; !failed && i < BATCH; i++) {
		c->chunk[i].from = malloc(RF_CHUNK_BYTES);
		c->chunk[i].to = malloc(RF_CHUNK_BYTES);
		failed = !c->chunk[i].from || !c->chunk[i].to;
	}
	if (failed) {
		rf_error_set(err, ENOMEM, "no memory to compress %s", path);
		rf_chunks_free(c);
		return NULL;
	}
	c->dataset = dataset;
	c->path = path;
	c->codec = codec;
	c->level = level;
	c->threads = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : (unsigned)CPU_COUNT(&cpus);
	if (c->threads > THREADS_MAX)
		c->threads = THREADS_MAX;
	return c;
}

static void *pack(void *arg)
{
	struct rf_chunks *c = arg;
	unsigned count = (unsigned)((c->pages + RF_CHUNK_PAGES - 1) / RF_CHUNK_PAGES), i;

	while ((i = __atomic_fetch_add(&c->next, 1, __ATOMIC_RELAXED)) < count)
		c->chunk[i].packed = rf_codec_pack(c->codec, c->level, c->chunk[i].from,
						   RF_CHUNK_BYTES, c->chunk[i].to, RF_CHUNK_BYTES);
	return NULL;
}

static int write_batch(struct rf_chunks *c, struct rf_error *err)
{
	uint64_t count = (c->pages + RF_CHUNK_PAGES - 1) / RF_CHUNK_PAGES;
	uint64_t last = c->pages % RF_CHUNK_PAGES;
	pthread_t thread[THREADS_MAX];
	unsigned n = 0;

	if (last) /* the last chunk of a dataset is stored whole */
		memset(c->chunk[count - 1].from + last * RF_PAGE_SIZE, 0,
		       (RF_CHUNK_PAGES - last) * RF_PAGE_SIZE);
	c->next = 0;
	while (n + 1 < c->threads && n + 1 < count &&
	       pthread_create(&thread[n], NULL, pack, c) == 0)
		n++;
	pack(c);
	while (n)
		pthread_join(thread[--n], NULL);
	for (uint64_t i = 0; i < count; i++) {
		const struct chunk *k = &c->chunk[i];
		hsize_t at[2] = {c->first + i * RF_CHUNK_PAGES, 0};

		if (H5Dwrite_chunk(c->dataset, H5P_DEFAULT, k->packed ? 0 : 1, at,
				   k->packed ? k->packed : RF_CHUNK_BYTES,
				   k->packed ? k->to : k->from) < 0)
			return rf_h5_error(err, "cannot write", c->path);
	}
	c->first += count * RF_CHUNK_PAGES;
	c->pages = 0;
	return 0;
}

int rf_chunks_add(struct rf_chunks *c, const void *pages, uint64_t n, struct rf_error *err)
{
	const char *from = pages;

	while (n) {
		uint64_t at = c->pages % RF_CHUNK_PAGES, room = RF_CHUNK_PAGES - at;
		uint64_t part = n < room ? n : room;

		memcpy(c->chunk[c->pages / RF_CHUNK_PAGES].from + at * RF_PAGE_SIZE, from,
		       part * RF_PAGE_SIZE);
		c->pages += part;
		from += part * RF_PAGE_SIZE;
		n -= part;
		if (c->pages == BATCH * RF_CHUNK_PAGES && write_batch(c, err))
			return -1;
	}
	return 0;
}

int rf_chunks_finish(struct rf_chunks *c, struct rf_error *err)
{
	return c->pages ? write_batch(c, err) : 0;
}

void rf_chunks_free(struct rf_chunks *c)
{
	if (!c)
		return;
	for (int i = 0; i < BATCH; i++) {
		free(c->chunk[i].from);
		free(c->chunk[i].to);
	}
	free(c);
}
