/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checksums of pages: XXH3 with 128 bits and seed 0 of each 4096 bytes (xxhash.com).
 */
#ifndef RF_IMAGE_PAGES_H
#define RF_IMAGE_PAGES_H

#include "image/record.h"

/* Fills sums[0..n) for n pages. */
void rf_pages_sum(const void *pages, uint64_t n, struct rf_sum *sums);

/* The first page whose checksum is not sums[i], or n when all are right. */
uint64_t rf_pages_verify(const void *pages, uint64_t n, const struct rf_sum *sums);

#endif
