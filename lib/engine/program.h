/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an engine program links with (librfprogram.la, -Wl,-E, as a PIE). Its main() fills a table
 * of functions and data of whatever it is an engine of, and publishes it:
 *
 *	int main(void) { rf_engine_publish(&table); }
 *
 * The program itself must have no thread-local variables (its libraries may). It also gets a
 * pthread_create() that blocks all signals: handlers belong to the other half.
 */
#ifndef RF_ENGINE_PROGRAM_H
#define RF_ENGINE_PROGRAM_H

/* Hands the table to the loader. The calling thread never returns; the program does not end. */
void rf_engine_publish(const void *table) __attribute__((noreturn));

#endif
