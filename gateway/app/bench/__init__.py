"""Benchmarks: one module each with NAME, ABOUT and run; `hearthgate bench list` names them."""
