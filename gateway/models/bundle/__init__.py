"""Signed bundles: whose signature counts, how a bundle is fetched and read, and how its files lie on the disk."""
