#!/bin/sh
# Nothing that is one machine's own, and nothing that only an installer needs.
set -eu
root=$1

rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id"
rm -f "$root/var/lib/systemd/random-seed" "$root"/var/log/*.log "$root/etc/passwd-" "$root/etc/group-" "$root/etc/shadow-"
rm -f "$root/var/lib/systemd/catalog/database" "$root/etc/.pwd.lock"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/* "$root"/var/log/apt "$root"/tmp/*
: >"$root/etc/machine-id"

# Byte code names the time of its source, which is about to become no later than the edition.
young=$(find "$root/usr/lib/python3" "$root"/usr/lib/python3.* -name '*.py' -newermt "@$SOURCE_DATE_EPOCH" | head -n 1)
if [ -n "$young" ]; then
    echo "$young is younger than the edition in suite.toml: raise it" >&2
    exit 1
fi
