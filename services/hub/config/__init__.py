"""The hub's settings: YAML in, frozen words out. Read by the same means as the gateway's."""
