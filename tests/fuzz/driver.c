/* SPDX-License-Identifier: BSD-3-Clause */
/* libFuzzer's main() for compilers that have none: runs the target once for each file named. */
#include "fuzz.h"

#include <fcntl.h>
#include <unistd.h>

#include "util/fd.h"

#define LARGEST (1 << 20)

int main(int argc, char **argv)
{
	struct rf_error err;
	char *text, *exact;
	size_t size;
	int i, fd;

	for (i = 1; i < argc; i++) {
		fd = open(argv[i], O_RDONLY | O_CLOEXEC);
		text = rf_fd_read(fd, LARGEST, &size, argv[i], &err);
		if (!text) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		close(fd);
		/* without the zero behind it, so that a sanitizer sees a read beyond the input */
		exact = malloc(size ? size : 1);
		FUZZ_CHECK(exact);
		memcpy(exact, text, size);
		free(text);
		LLVMFuzzerTestOneInput((const uint8_t *)exact, size);
		free(exact);
	}
	return 0;
}
