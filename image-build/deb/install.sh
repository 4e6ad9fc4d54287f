#!/bin/sh
# The checkout in /opt/hearthgate becomes a service of this machine; `make install` calls it, at an update too.
set -eu
place=/opt/hearthgate
here=$(cd "$(dirname "$0")" && pwd)

if [ "$(id -u)" != 0 ]; then
    echo "installing a service takes root: sudo make -C /opt/hearthgate install" >&2
    exit 1
fi
if [ "$here" != "$place/image-build/deb" ]; then
    echo "the units name $place: put the checkout there" >&2
    exit 1
fi

cd "$place/systemd"
install -m 0644 hearthgate.service hearthgate.socket /etc/systemd/system/
install -D -m 0644 sysusers.d/hearthgate.conf /usr/lib/sysusers.d/hearthgate.conf
install -D -m 0644 tmpfiles.d/hearthgate.conf /usr/lib/tmpfiles.d/hearthgate.conf
install -D -m 0644 udev/99-hearthgate-edgetpu.rules /etc/udev/rules.d/99-hearthgate-edgetpu.rules
systemd-sysusers hearthgate.conf
systemd-tmpfiles --create hearthgate.conf
[ -e /etc/hearthgate/gateway.yaml ] || install -m 0644 "$here/gateway.yaml" /etc/hearthgate/gateway.yaml
ln -sf /opt/hearthgate/.venv/bin/hearthgate /usr/local/bin/hearthgate
systemctl enable --quiet hearthgate.service

if [ -d /run/systemd/system ]; then
    udevadm control --reload
    systemctl daemon-reload
    systemctl restart hearthgate.service
    echo "Hearthgate runs. Its page: http://$(uname -n):8080, the code to claim it: journalctl -u hearthgate"
fi
