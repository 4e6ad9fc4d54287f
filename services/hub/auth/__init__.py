"""Who may use the hub's pages and its API. Made as the gateway's own door is; no service may import that one."""
