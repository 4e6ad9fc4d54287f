"""Frame -> Event: motion, gate, faces, gallery."""
