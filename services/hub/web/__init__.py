"""The hub's pages, its API, and the door for new gateways."""
