"""Hearthgate: the on-device library and the daemon."""

__version__ = "0.1.0"
