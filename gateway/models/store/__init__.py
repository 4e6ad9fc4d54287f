"""Models on the disk: files under their hashes, signed manifests, and which release of a model is in use."""
