"""Signed bundles of models and of systems: kept by their hash, promoted between channels, handed out to homes."""
