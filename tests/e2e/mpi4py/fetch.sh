#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# fetch.sh DIRECTORY: puts the tests of the installed python3-mpi4py into DIRECTORY/test, from Debian's
# source package. The machine's own list of package sources stays as it is. Exit code 77 and a reason on
# stderr if the source package cannot be had.
set -euo pipefail
[ $# = 1 ] || {
	echo "usage: fetch.sh DIRECTORY" >&2
	exit 2
}

cannot()
{
	echo "$*" >&2
	exit 77
}

mkdir -p "$1"
into=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # dpkg-query expands this
version=$(dpkg-query -W -f '${source:Version}' python3-mpi4py 2>/dev/null) ||
	cannot "python3-mpi4py is not installed"
release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
	grep -oE '(https?|file)://[^ ]*/debian/?( |$)' | head -n 1) || true
echo "deb-src ${mirror:-http://deb.debian.org/debian} $release main" >"$work/sources.list"
apt=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
	-o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
cd "$work/source"
timeout 120 apt-get "${apt[@]}" -qq update >"$work/log" 2>&1 ||
	cannot "apt-get cannot list source packages: $(tail -n 1 "$work/log")"
timeout 120 apt-get "${apt[@]}" -qq source --download-only "mpi4py=$version" >"$work/log" 2>&1 ||
	cannot "apt-get cannot fetch the source of mpi4py $version: $(grep -m 1 '^E:' "$work/log")"
tar -x -f mpi4py_*.orig.tar.* --strip-components=1 -C "$into" --wildcards '*/test'
