#!/bin/sh
# A signed update bundle of a built image.
#   bundle.sh BOARD VERSION FOLDER OUTPUT      FOLDER holds root.squashfs and, for rpi, boot.vfat
#
# Who signs is said by the environment, so that no key of a release is ever near this checkout:
#   RAUC_CERT, RAUC_KEY     files or PKCS#11 URIs; without them the development keys in build/keys sign
#   RAUC_KEYRING            what the signature is checked against, before anybody gets the bundle
#   RAUC_INTERMEDIATE       an authority in between, if there is one
set -eu

board=$1
version=$2
folder=$3
output=$4
here=$(cd "$(dirname "$0")" && pwd)

if [ -z "${RAUC_CERT:-}" ]; then
    keys=${HEARTHGATE_KEYS:-$here/../../build/keys}
    "$here/dev-keys.sh" "$keys"
    echo "==> signing with the development key in $keys"
    RAUC_CERT=$keys/dev.pem RAUC_KEY=$keys/dev.key RAUC_KEYRING=$keys/ca.pem
fi

work=$(mktemp -d "$(dirname "$output")/bundle.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

built=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
mkdir "$work/in"
sed -e "s/@BOARD@/$board/" -e "s/@VERSION@/$version/" -e "s/@BUILT@/$built/" \
    "$here/manifest.raucm.in" >"$work/in/manifest.raucm"
cp "$here/install-check.sh" "$work/in/"
cp --reflink=auto --sparse=always "$folder/root.squashfs" "$work/in/root.img"
if [ "$board" = rpi ]; then
    cp --reflink=auto "$folder/boot.vfat" "$work/in/boot.vfat"
    printf '\n[image.boot]\nfilename=boot.vfat\n' >>"$work/in/manifest.raucm"
fi

rauc bundle --cert="$RAUC_CERT" --key="$RAUC_KEY" --keyring="$RAUC_KEYRING" \
    ${RAUC_INTERMEDIATE:+--intermediate="$RAUC_INTERMEDIATE"} "$work/in" "$work/out.raucb" >/dev/null
mv -f "$work/out.raucb" "$output"
echo "==> $output ($(du -h "$output" | cut -f 1))"
