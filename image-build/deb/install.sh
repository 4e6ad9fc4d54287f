#!/bin/sh
# What is committed in this checkout becomes a service of this machine; `make install` calls it, at an update too.
set -eu
place=/opt/hearthgate # named by the units
here=$(cd "$(dirname "$0")/../.." && pwd)

if [ "$(id -u)" != 0 ]; then
    echo "installing a service takes root: sudo make install" >&2
    exit 1
fi
if [ "$here" != "$place" ]; then
    if [ -d "$place/.git" ]; then
        git -C "$place" pull --quiet --ff-only "$here" HEAD
    else
        git clone --quiet "$here" "$place"
    fi
    exec make -C "$place" install
fi

umask 022
make -C "$place" setup
cd "$place/systemd"
install -m 0644 hearthgate.service hearthgate.socket /etc/systemd/system/
install -D -m 0644 sysusers.d/hearthgate.conf /usr/lib/sysusers.d/hearthgate.conf
install -D -m 0644 tmpfiles.d/hearthgate.conf /usr/lib/tmpfiles.d/hearthgate.conf
install -D -m 0644 udev/99-hearthgate-edgetpu.rules /etc/udev/rules.d/99-hearthgate-edgetpu.rules
systemd-sysusers hearthgate.conf
systemd-tmpfiles --create hearthgate.conf
[ -e /etc/hearthgate/gateway.yaml ] || install -m 0644 "$here/image-build/deb/gateway.yaml" /etc/hearthgate/gateway.yaml
ln -sf /opt/hearthgate/.venv/bin/hearthgate /usr/local/bin/hearthgate
if ! runuser -u hearthgate -- env HOME=/var/lib/hearthgate /opt/hearthgate/.venv/bin/hearthgate models pull; then
    echo "models are missing; again later: sudo -u hearthgate -H /opt/hearthgate/.venv/bin/hearthgate models pull" >&2
fi
systemctl enable --quiet hearthgate.service

if [ -d /run/systemd/system ]; then
    udevadm control --reload
    systemctl daemon-reload
    systemctl restart hearthgate.service
    echo "Hearthgate runs. Its page: http://$(uname -n):8080, the code to claim it: journalctl -u hearthgate"
fi
