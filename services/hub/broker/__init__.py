"""The hub behind an MQTT 5 broker of somebody else's: workers that share its messages, and its access list."""
