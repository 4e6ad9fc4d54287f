"""Rolling out a candidate: shadow, a share, everywhere; judged by gates without labels, taken back by itself."""
