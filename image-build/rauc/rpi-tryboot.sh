#!/bin/sh
# RAUC's boot loader backend for the Raspberry Pi 4 and 5: which slot starts, and which is on trial.
#
# Whatever happens, the firmware starts the slot that [all] in autoboot.txt names, and [tryboot] names the other one.
# An update is tried once, by a restart with the argument "0 tryboot"; a power cut or a hang during the trial brings
# the old slot back, since nothing has been written. Only a trial that is called good exchanges the two numbers.
# A trial that is pending is nothing but that argument, which a power cut forgets: it is then asked for again.
# The argument reaches the firmware through our kernel module hearthgate_tryboot, which says whether it can.
#
# https://rauc.readthedocs.io/en/latest/integration.html#custom
# https://www.raspberrypi.com/documentation/computers/config_txt.html#the-tryboot-filter
set -eu

# All of them for tests.
boot=${TRYBOOT_BOOT:-/boot/efi}
argument=${TRYBOOT_ARGUMENT:-/run/systemd/reboot-param}
cmdline=${TRYBOOT_CMDLINE:-/proc/cmdline}
ready=${TRYBOOT_READY:-/sys/module/hearthgate_tryboot/parameters/ready}

usage() {
    echo "usage: $0 get-primary | set-primary SLOT | get-current | get-state SLOT | set-state SLOT good|bad" >&2
    exit 2
}

slot_of() { case "$1" in 2) echo A ;; 3) echo B ;; esac; }
partition_of() { case "$1" in A) echo 2 ;; B) echo 3 ;; *) usage ;; esac; }
other_than() { case "$1" in A) echo B ;; B) echo A ;; *) usage ;; esac; }

current() { sed -n 's/.*rauc\.slot=\([AB]\).*/\1/p' "$cmdline"; }

# What the firmware starts by itself; where it cannot be read, the slot that is running.
default() {
    number=$(awk -F= '/^\[/ {all = /^\[all\]/} all && $1 == "boot_partition" {n = $2 + 0} END {print n}' \
        "$boot/autoboot.txt" 2>/dev/null) || number=
    slot=$(slot_of "$number")
    echo "${slot:-$(current)}"
}

pending() { [ "$(cat "$argument" 2>/dev/null)" = "0 tryboot" ]; }

# write FILE LINE...: the whole file or, after a power cut, the one before.
write() {
    file=$1
    shift
    printf '%s\n' "$@" >"$file.new"
    sync "$file.new"
    mv -f "$file.new" "$file"
    sync "${file%/*}"
}

start_by_default() {
    write "$boot/autoboot.txt" "[all]" "tryboot_a_b=1" "boot_partition=$(partition_of "$1")" \
        "[tryboot]" "boot_partition=$(partition_of "$(other_than "$1")")"
}

forget() {
    rm -f "$1"
    sync "${1%/*}"
}

get_primary() { if pending; then other_than "$(default)"; else default; fi; }

set_primary() {
    if [ "$1" = "$(default)" ]; then
        rm -f "$argument"
    elif [ "$(cat "$ready" 2>/dev/null)" != Y ]; then
        echo "this board cannot be asked to try slot $1" >&2
        exit 1
    else
        # The file may be absent or name no second slot; the trial depends on it.
        start_by_default "$(default)"
        mkdir -p "${argument%/*}"
        echo "0 tryboot" >"$argument"
    fi
}

get_state() { if [ -e "$boot/good-$1" ]; then echo good; else echo bad; fi; }

set_good() {
    write "$boot/good-$1" ""
    if [ "$1" = "$(current)" ] && [ "$1" != "$(default)" ]; then start_by_default "$1"; fi
}

# RAUC says so before it overwrites a slot, and stops if that is refused: what starts by default is only given up for
# a slot that has proved itself, so never for the one on trial.
set_bad() {
    if [ "$1" = "$(default)" ]; then
        if [ ! -e "$boot/good-$(other_than "$1")" ]; then
            echo "slot $1 starts by default, and the other one has not proved itself" >&2
            exit 1
        fi
        start_by_default "$(other_than "$1")"
    elif pending; then
        rm -f "$argument"
    fi
    forget "$boot/good-$1"
}

case "${2:-A}" in A | B) ;; *) usage ;; esac
case "$#:${1-}${3:+ $3}" in
    1:get-primary) get_primary ;;
    1:get-current) current ;;
    2:set-primary) set_primary "$2" ;;
    2:get-state) get_state "$2" ;;
    "3:set-state good") set_good "$2" ;;
    "3:set-state bad") set_bad "$2" ;;
    *) usage ;;
esac
