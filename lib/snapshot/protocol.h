/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a captured process and rankferry-writer say to each other, over a stream socket between a
 * parent and the child it has started, or between two hosts. Both come from the same build.
 *
 * The writer makes the file and says where pages go; the captured process writes them there itself,
 * so that each page is copied once. Compressed pages, and all to another host, go through the
 * socket.
 */
#ifndef RF_SNAPSHOT_PROTOCOL_H
#define RF_SNAPSHOT_PROTOCOL_H

#include "image/record.h"

#define RF_WRITER_FD	3    /* the socket, in the writer */
#define RF_WRITER_BATCH 4096 /* most pages of a COMPARE or SUMS message */

enum rf_writer_kind {
	RF_WRITER_TABLES,  /* then the tables in order, unpadded; answered: ready */
	RF_WRITER_COMPARE, /* then checksums in the order of runs; answered with a byte a page: 1 to
			      write it */
	RF_WRITER_LAYOUT,  /* all has been compared; answered: where pages go */
	RF_WRITER_SUMS,	   /* then checksums of pages that were written */
	RF_WRITER_PAGES,   /* then checksums, then the pages */
	RF_WRITER_END,	   /* answered: the file is complete */
};

struct rf_writer_message {
	uint32_t kind;
	uint32_t count; /* pages */
	/* TABLES only */
	uint64_t pages;
	uint64_t capture, since; /* see image/sink.h */
	uint64_t table[RF_TABLES];
};

struct rf_writer_reply {
	int32_t code;	   /* 0, or an errno value, and text */
	uint32_t stream;   /* 1: send pages with PAGES messages */
	uint32_t compare;  /* 1: send checksums with COMPARE messages first */
	uint32_t tracking; /* the base is the image of `since` */
	uint64_t offset;   /* LAYOUT: of the first page in the file */
	char text[512];
};

#endif
