"""Signed bundles of models: kept by their hash, promoted between channels, handed out to homes."""
