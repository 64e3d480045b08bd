/* SPDX-License-Identifier: BSD-3-Clause */
/* pages.c for CPUs with AVX-512F; compiled with -mavx512f. */
#define RF_PAGES_AVX512
#include "image/pages.c"
