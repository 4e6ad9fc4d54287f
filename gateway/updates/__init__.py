"""The machine underneath: what its updater does, and what the daemon has to say to it. The daemon lives without one."""
