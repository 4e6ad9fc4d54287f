"""Event or Reading -> Command, as pure steps."""
