"""Differential privacy of what is counted, and the ledger of what it has cost."""
