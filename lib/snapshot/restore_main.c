/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-restore IMAGE: becomes the process that IMAGE was taken of.
 */
#include "image/restore.h"
#include "snapshot/h5image.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#define EXIT_REFUSED 125
#define ATTEMPTS     64

static const char usage[] =
	"usage: rankferry-restore [--lazy] [--check] IMAGE\n"
	"Becomes the process that IMAGE was taken of. Its standard input, output and error are\n"
	"those of this program.\n"
	"  --lazy    read memory when it is touched\n"
	"  --check   only say whether it could be restored here\n";

/*
 * Addresses of this program are random, so another execution of it most likely leaves free what
 * the image needs.
 */
static void execute_again(char **argv, int attempt)
{
	char text[16];

	if (attempt >= ATTEMPTS)
		return;
	snprintf(text, sizeof(text), "%d", attempt + 1);
	setenv("RANKFERRY_RESTORE_ATTEMPT", text, 1);
	personality(personality(0xffffffff) & ~(unsigned long)ADDR_NO_RANDOMIZE);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"lazy", no_argument, NULL, 'l'},
						{"check", no_argument, NULL, 'c'},
						{"redirect-vdso", no_argument, NULL, 'v'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *attempt = getenv("RANKFERRY_RESTORE_ATTEMPT");
	int tries = attempt ? atoi(attempt) : 0, check = 0, option;
	struct rf_loaded image;
	struct rf_error err = {0};
	unsigned flags = 0;
	const char *path;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'l':
			flags |= RF_RESTORE_LAZY;
			break;
		case 'c':
			check = 1;
			break;
		case 'v':
			flags |= RF_RESTORE_REDIRECT_VDSO;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return EXIT_REFUSED;
		}
	if (optind != argc - 1) {
		fputs(usage, stderr);
		return EXIT_REFUSED;
	}
	unsetenv("RANKFERRY_RESTORE_ATTEMPT");
	path = argv[optind];
	if ((rf_load_is_file(path) ? rf_load_file : rf_h5image_load)(&image, path, &err) == 0) {
		if (check) {
			if (rf_restore_check(&image, &err) == 0 || err.code == EEXIST)
				return 0;
		} else {
			rf_restore(&image, flags, &err);
			if (err.code == EEXIST)
				execute_again(argv, tries);
		}
	}
	fprintf(stderr, "rankferry: cannot restore %s: %s\n", path, err.text);
	return EXIT_REFUSED;
}
