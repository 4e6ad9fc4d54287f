"""The hub's own MQTT 5 endpoint, for homes whose gateways connect to the hub itself. Section numbers are those of the
OASIS standards "MQTT Version 5.0" (2019) and "MQTT Version 3.1.1" (2014)."""
