"""YAML in, frozen Settings out; no I/O beyond the file."""
