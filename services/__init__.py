"""Every other process, one folder each; the gateway never imports them."""
