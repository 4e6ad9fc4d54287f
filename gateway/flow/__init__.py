"""Plumbing without domain words: channels, slots, supervision, clock, beats, states, counters."""
