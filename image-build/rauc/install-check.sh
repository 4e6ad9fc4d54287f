#!/bin/sh
# Travels inside every bundle, below its signature, and is asked before a slot is touched. RAUC leaves the comparison of
# `compatible` to this hook, too: https://rauc.readthedocs.io/en/latest/using.html#install-hooks
# What it says last on stderr is the reason that people read.
set -eu

[ "${1:-}" = install-check ] || exit 0

# All for tests.
image=${HEARTHGATE_IMAGE_JSON:-/usr/lib/hearthgate/image.json}
firmware=${HEARTHGATE_BOOTLOADER:-/proc/device-tree/chosen/bootloader}
trial=${HEARTHGATE_TRIAL:-/sys/module/hearthgate_tryboot/parameters/ready}
# 2023-01-01: the first year whose boot loaders are reported to know tryboot in autoboot.txt.
oldest_firmware=1672531200

refuse() {
    echo "$1" >&2
    exit 10
}

running=$(sed -n 's/.*"version" *: *"\([^"]*\)".*/\1/p' "$image")
[ -n "$running" ] || refuse "no_version: the running image does not say its version"

if [ "$RAUC_MF_COMPATIBLE" != "$RAUC_SYSTEM_COMPATIBLE" ]; then
    refuse "wrong_board: made for $RAUC_MF_COMPATIBLE, this is $RAUC_SYSTEM_COMPATIBLE"
fi

# A version before a release (1.2.0-rc1, written 1.2.0~rc1 by Debian) is older than the release.
if dpkg --compare-versions "$(echo "$RAUC_MF_VERSION" | tr - '~')" lt "$(echo "$running" | tr - '~')"; then
    refuse "downgrade: $RAUC_MF_VERSION is older than $running, which is running"
fi

if [ "$RAUC_SYSTEM_COMPATIBLE" = hearthgate-rpi ]; then
    built=$(od -An -tu4 --endian=big "$firmware/build-timestamp" 2>/dev/null | tr -d ' ') || built=0
    if [ "${built:-0}" -lt "$oldest_firmware" ]; then
        refuse "old_firmware: the boot loader of this Raspberry Pi is too old to try a new system and come back"
    fi
    if [ "$(cat "$trial" 2>/dev/null)" != Y ]; then
        refuse "no_tryboot: the running kernel cannot ask the firmware of this Raspberry Pi for a trial"
    fi
fi
