#!/bin/sh
# Accounts with fixed ids (users.list), before any package makes one of its own choice.
set -eu
root=$1

sed 's/#.*//' "$USERS" | while read -r name id groups home; do
    [ -n "$name" ] || continue
    echo "$name:x:$id:" >>"$root/etc/group"
    [ "$home" != - ] || continue
    echo "$name:x:$id:$id::$home:/usr/sbin/nologin" >>"$root/etc/passwd"
    echo "$name:!*:20000::::::" >>"$root/etc/shadow"
    for group in $(echo "$groups" | tr ,- '  '); do
        sed -i -e "/^$group:/s/\$/,$name/" -e "/^$group:/s/:,/:/" "$root/etc/group"
    done
done
