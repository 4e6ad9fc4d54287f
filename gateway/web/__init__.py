"""The local page and its API: aiohttp, a login from the first day, plain ES modules."""
