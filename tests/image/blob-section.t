#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The code that outlives its own program must not refer to anything outside its section (blob.h).
cd "${RF_BUILDDIR:-.}" || exit 99
object=$(ls lib/image/.libs/librfblob_la-blob.o lib/image/librfblob_la-blob.o 2>/dev/null | head -n 1)
echo "1..2"
# references that the linker resolves inside the section itself
outside=$(objdump -r -j rf_blob "$object" | awk '/R_X86_64/ && $3 !~ /^(rf_blob|rf_blob_(run|thread|load|clone))[-+]/')
if [ -n "$object" ] && [ -z "$outside" ]; then echo "ok 1 - no reference leaves the section"; else
	echo "not ok 1 - no reference leaves the section"
	echo "$outside" | sed 's/^/# /'
fi
# nothing but the section has content: no constants, no variables
other=$(objdump -h "$object" | awk '$2 ~ /^\.(text|data|bss|rodata)/ && $3 !~ /^0+$/')
if [ -n "$object" ] && [ -z "$other" ]; then echo "ok 2 - nothing is outside the section"; else
	echo "not ok 2 - nothing is outside the section"
	echo "$other" | sed 's/^/# /'
fi
