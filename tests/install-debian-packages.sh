#!/bin/sh
# Installs the Debian packages that the integration tests run against; with the word `image` those that build the image
# and start it in an emulated PC, with `image nightly` those that start the Pi's, too. Does nothing when all are there;
# without those of the image it fails.
set -eu
packages="mosquitto mosquitto-clients gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good
gstreamer1.0-plugins-bad chromium ffmpeg systemd fonts-dejavu-core gcc libc6-dev postgresql
rauc dbus squashfs-tools openssl grub-emu grub-common gdisk dosfstools mtools"
[ "${1:-}" != image ] || packages="mmdebstrap genimage squashfs-tools dosfstools mtools e2fsprogs bmap-tools xz-utils fdisk
systemd openssl git grub-common grub-efi-amd64-bin debian-archive-keyring rauc qemu-system-x86 qemu-utils ovmf
openssh-client"
[ "${2:-}" != nightly ] || packages="$packages qemu-system-arm"
missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then
    sudo=""
elif sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    echo "==> not root and no sudo: the tests that need these will be skipped:$missing"
    [ "${1:-}" != image ]
    exit
fi
echo "==> installing Debian packages for the tests:$missing"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # word splitting is wanted
if ! { $sudo apt-get update && $sudo apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log"
    echo "==> apt-get failed; the tests that need these packages will be skipped:$missing"
    failed=yes
fi
rm -f "$log"
[ "${1:-}" != image ] || [ -z "${failed:-}" ]
