"""From the outbox to the transport: what goes next, how fast, and what happens when it does not get through."""
