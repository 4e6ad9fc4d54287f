"""Where things lie on an image. The first start and the build of the image keep to the same places."""

from pathlib import Path

STATE = Path("/var/lib/hearthgate-updater/state.json")
"""Shared by both slots."""
BUNDLES = Path("/var/lib/hearthgate-updater/bundles")
"""Of root alone: what is checked here cannot be exchanged before it is installed."""
IMPORTED = Path("/var/lib/hearthgate-updater/imported.json")
"""What the first start made of the files on the FAT partition: a list of `gateway.wire.update.Imported`."""
FACTORY_RESET = Path("/data/FACTORY_RESET")
"""There: at the next start everything on the data partition is forgotten, and this file last."""

IMAGE = Path("/usr/lib/hearthgate/image.json")
"""Written when the image is built: "board", "version", "built" (RFC 3339), "suite"."""
COMMAND_LINE = Path("/proc/cmdline")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

FAT = Path("/boot/hearthgate")
"""The partition that any computer shows; where the boot loader looks is /boot/efi."""
STICKS = Path("/run/hearthgate-sticks")
"""Each stick is mounted on a folder of its own in here, read-only (udev/98-hearthgate-stick.rules)."""
