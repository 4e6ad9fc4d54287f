"""What a machine does to itself before anything else runs: name, keys, accounts, and what a person laid beside.

Runs as root, once a start, in a second. Every step can be repeated and can be cut off by a power cut; none of them can
keep the machine from starting.
"""
