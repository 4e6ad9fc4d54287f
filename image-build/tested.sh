#!/bin/sh
# Says what `make test-image` tests, as one hash: the tracked files of the image, the units, the updater and the tests
# themselves, as they lie here. tested.sha256 holds that of the last time it passed.
set -eu
cd "$(dirname "$0")/.."

folders="image-build systemd services/updater tests/image"
index=$(mktemp)
trap 'rm -f "$index"' EXIT INT TERM
cp "$(git rev-parse --git-path index)" "$index"
export GIT_INDEX_FILE="$index"
# shellcheck disable=SC2086  # word splitting is wanted
git add --update -- $folders
# shellcheck disable=SC2086
git ls-files --stage -- $folders ':!image-build/tested.sha256' | sha256sum | cut -d ' ' -f 1
