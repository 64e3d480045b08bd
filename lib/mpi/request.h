/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests and messages: the engine's own pointers, in the application's hands (see handle.h).
 *
 * On the way in, a pointer into the current engine's window is passed on. One into another window
 * was made by an earlier engine and is exchanged for what became of it (alias.h). Any other is a
 * null handle of the application's libmpi and is exchanged for the engine's; NULL stays NULL. On
 * the way out the engine's null handles are exchanged back; a request that lives on keeps the
 * pointer that the application has for it, unless it has a Fortran number: the Fortran libraries
 * look it up behind the pointer, which must be the current engine's then. Arrays are exchanged in
 * place, so that they are passed on without a copy, unless they have requests of an earlier engine:
 * while a call is blocked, an array may show the engine's null handles.
 */
#ifndef RF_MPI_REQUEST_H
#define RF_MPI_REQUEST_H

#include <emmintrin.h>

#include "engine/engine.h"
#include "engine/window.h"
#include "mpi/shim.h"

/* The current engine's window begins here. */
extern uintptr_t rf_own_window;

/* The window of the engine that rf_mpi is of; and what is asked for when that engine is gone, as in
 * a restored process. */
void rf_own_set(uintptr_t window);

/* For rf_engine_avoid(). */
enum rf_window_held rf_own_held(unsigned long begin, unsigned long end);

/* The slow paths. */
void *rf_own_null_in(void *own, enum rf_kind kind);
void *rf_own_null_out(void *own, enum rf_kind kind);
MPI_Request *rf_owns_null_in(MPI_Request own[], int count);
void *rf_own_null_back(void *own, void *given, void *real, enum rf_kind kind);
void rf_owns_back(MPI_Request own[], MPI_Request real[], int count);

static inline void *rf_own_in(void *own, enum rf_kind kind)
{
	if (__builtin_expect((uintptr_t)own - rf_own_window < RF_WINDOW_SIZE, 1))
		return own;
	return rf_own_null_in(own, kind);
}

static inline void *rf_own_out(void *own, enum rf_kind kind)
{
	if (kind == RF_REQUEST)
		return own == rf_mpi.object[RF_OBJECT_ompi_request_null] ? rf_app(ompi_request_null)
									 : own;
	return rf_own_null_out(own, kind);
}

/* For what a call may change: it was given `given` for `own`, and has left `real`. */
static inline void *rf_own_back(void *own, void *given, void *real, enum rf_kind kind)
{
	if (__builtin_expect(own == given && given == real, 1))
		return own;
	return rf_own_null_back(own, given, real, kind);
}

/*
 * The same for arrays; `count` and `own` are the user's, so may be negative or NULL. In: returns
 * what to pass on, `own` itself unless a request of an earlier engine is among them. Two at a time
 * with SSE2, which every x86-64 has. Out: one at a time, as the engine has just written them so,
 * and a load of two would have to wait until they are in the cache.
 */
static inline MPI_Request *rf_owns_in(MPI_Request own[], int count)
{
	__m128i window = _mm_set1_epi64x((long long)rf_own_window), other = _mm_setzero_si128();
	uintptr_t differs = 0;
	int i;

	if (!own)
		return own;
	for (i = 0; i + 1 < count; i += 2)
		other = _mm_or_si128(other,
				     _mm_xor_si128(_mm_loadu_si128((void *)&own[i]), window));
	for (; i < count; i++)
		differs |= (uintptr_t)own[i] ^ rf_own_window;
	other = _mm_or_si128(other, _mm_unpackhi_epi64(other, other));
	differs |= (uintptr_t)_mm_cvtsi128_si64(other);
	return __builtin_expect(differs >= RF_WINDOW_SIZE, 0) ? rf_owns_null_in(own, count) : own;
}

static inline void rf_owns_out(MPI_Request own[], MPI_Request real[], int count)
{
	void *null = rf_mpi.object[RF_OBJECT_ompi_request_null], *app = rf_app(ompi_request_null);

	if (__builtin_expect(own != real, 0))
		rf_owns_back(own, real, count);
	else if (own)
		for (int i = 0; i < count; i++)
			if (own[i] == null)
				own[i] = app;
}

#endif
