/* SPDX-License-Identifier: BSD-3-Clause */
/* pages.c for CPUs with AVX2; compiled with -mavx2. */
#define RF_PAGES_AVX2
#include "image/pages.c"
