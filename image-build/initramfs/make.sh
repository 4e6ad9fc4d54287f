#!/bin/sh
# Makes the initramfs of the kernel in ROOT, and asserts that it holds what it is to hold. Runs in a mount namespace.
#   make.sh ROOT FOLDER MODULES      FOLDER is this one
set -eu
root=$1
folder=$2
modules=$3

tools=$root/etc/initramfs-tools
install -m 0644 "$folder/conf.d/hearthgate.conf" "$tools/conf.d/hearthgate.conf"
install -m 0755 "$folder/scripts/hearthgate" "$tools/scripts/local-bottom/hearthgate"
sed -e 's/#.*//' -e '/^$/d' "$folder/$modules" >"$tools/modules"

kernel=$(basename "$root"/boot/vmlinuz-*)
version=${kernel#vmlinuz-}
mount -t proc proc "$root/proc"
chroot "$root" update-initramfs -c -k "$version"

# A name that the kernel does not have is passed over in silence: such an image builds and never starts.
held=$(chroot "$root" lsinitramfs "/boot/initrd.img-$version" | tr - _)
builtin=$(tr - _ <"$root/usr/lib/modules/$version/modules.builtin")
missing=
for module in $(cat "$tools/modules"); do
    case "$held$builtin" in
    */"$module".ko*) ;;
    *) missing="$missing $module" ;;
    esac
done
case "$held" in
*scripts/local_bottom/hearthgate*) ;;
*) missing="$missing scripts/local-bottom/hearthgate" ;;
esac
if [ -n "$missing" ]; then
    echo "not in the initramfs of $version:$missing" >&2
    exit 1
fi
