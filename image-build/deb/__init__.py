"""A Debian package of the gateway, for machines that people set up themselves: the image's wheels and units, nothing of
its updater or its first start."""
