"""A simulated house of MQTT devices."""
