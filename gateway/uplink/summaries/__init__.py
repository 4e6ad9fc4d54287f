"""From what happens in a home to what is told of it: sums over clock hours, and the closed union they end in."""

from gateway.uplink.summaries.summariser import Closed, Summariser

__all__ = ["Closed", "Summariser"]
