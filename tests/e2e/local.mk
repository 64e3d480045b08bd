# tests/e2e
EXTRA_DIST += tests/e2e/vhost.sh
