"""Builds the flashable image: `python -m imager --board x86_64`, which `make image` calls. See docs/image.md."""
