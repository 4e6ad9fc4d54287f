"""Signed bundles of models and images of the system: kept by their hash, promoted between channels, handed out to homes."""
