"""Measured on one machine: gateways that are made up, everything else real."""
