/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-restore IMAGE: becomes the process that IMAGE was taken of.
 */
#include "image/restore.h"
#include "snapshot/h5image.h"
#include "snapshot/manifest.h"
#include "snapshot/standby.h"

#include <errno.h>
#include <fcntl.h>
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
	"       rankferry-restore --standby ID,RANK,LEVEL,OB1,SEAT ENGINE\n"
	"Becomes the process that IMAGE was taken of. Its standard input, output and error are\n"
	"those of this program.\n"
	"  --lazy    read memory when it is touched\n"
	"  --check   only say whether it could be restored here\n"
	"  --standby initialise this engine, and wait for the keeper's order to restore an image\n";

/*
 * Addresses of this program are random, so another execution of it most likely leaves free what
 * the image needs.
 */
static void execute_again(char **argv, int attempt, unsigned long more)
{
	unsigned long now = (unsigned long)personality(0xffffffff);
	char text[16];

	if (attempt >= ATTEMPTS)
		return;
	snprintf(text, sizeof(text), "%d", attempt + 1);
	setenv("RANKFERRY_RESTORE_ATTEMPT", text, 1);
	personality((now | more) & ~(unsigned long)ADDR_NO_RANDOMIZE);
	execv("/proc/self/exe", argv);
}

/* The size of a file that one image's process has open for writing; 0: it has not. */
static uint64_t size_in(const char *image_path, const char *path)
{
	const struct rf_file *f;
	struct rf_loaded image;
	struct rf_error err;
	uint64_t size = 0;

	if (rf_h5image_tables(&image, image_path, &err) == 0 &&
	    rf_loaded_validate(&image, &err) == 0) {
		f = image.tables.table[RF_TABLE_FILES].data;
		for (uint64_t i = 0; i < image.tables.table[RF_TABLE_FILES].count; i++, f++)
			if (f->kind == RF_FILE_REGULAR && (f->flags & O_ACCMODE) != O_RDONLY &&
			    f->size > size && !strcmp(rf_loaded_name(&image, f->name), path))
				size = f->size;
	}
	rf_loaded_free(&image);
	return size;
}

/* The images of the same snapshot lie in one directory. Looked at only when a file has grown. */
static uint64_t size_in_siblings(void *arg, const char *path)
{
	const char *image = *(const char **)arg, *slash = strrchr(image, '/');
	int length = slash ? (int)(slash - image) : 1;
	char sibling[4096 + RF_RANK_FILE], name[RF_RANK_FILE];
	uint64_t size = 0, one;

	for (unsigned rank = 0;; rank++) {
		rf_manifest_rank_file(rank, name);
		snprintf(sibling, sizeof(sibling), "%.*s/%s", length, slash ? image : ".", name);
		if (access(sibling, R_OK))
			return size;
		one = size_in(sibling, path);
		size = one > size ? one : size;
	}
}

/* In another part of the address space than other programs are, and there where the rank is not. */
static void low_addresses(char **argv, int attempt, const char *standby)
{
	if (!(personality(0xffffffff) & ADDR_COMPAT_LAYOUT) || !rf_standby_has_room(standby))
		execute_again(argv, attempt, ADDR_COMPAT_LAYOUT);
}

/* Returns on failure. */
static void restore(const char *path, struct rf_error *err)
{
	struct rf_shared_files shared = {size_in_siblings, &path};
	struct rf_loaded image;

	if (rf_h5image_load(&image, path, err) == 0)
		rf_restore(&image, 0, &shared, rf_standby_remain(), err);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"lazy", no_argument, NULL, 'l'},
						{"check", no_argument, NULL, 'c'},
						{"standby", required_argument, NULL, 's'},
						{"redirect-vdso", no_argument, NULL, 'v'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *attempt = getenv("RANKFERRY_RESTORE_ATTEMPT");
	int tries = attempt ? atoi(attempt) : 0, check = 0, option;
	struct rf_loaded image;
	struct rf_error err = {0};
	unsigned flags = 0;
	const char *path, *standby = NULL;
	struct rf_shared_files shared = {size_in_siblings, &path};

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'l':
			flags |= RF_RESTORE_LAZY;
			break;
		case 'c':
			check = 1;
			break;
		case 's':
			standby = optarg;
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
	if (standby) {
		low_addresses(argv, tries, standby);
		return rf_stand_by(standby, argv[optind], restore);
	}
	path = argv[optind];
	if ((rf_load_is_file(path) ? rf_load_file : rf_h5image_load)(&image, path, &err) == 0) {
		if (check) {
			if (rf_restore_check(&image, &err) == 0 || err.code == EEXIST)
				return 0;
		} else {
			rf_restore(&image, flags, &shared, NULL, &err);
			if (err.code == EEXIST)
				execute_again(argv, tries, 0);
		}
	}
	fprintf(stderr, "rankferry: cannot restore %s: %s\n", path, err.text);
	return EXIT_REFUSED;
}
