"""Ways out: MQTT 5 to any broker, Kafka to a cluster nearby. Both are `gateway.seams.Transport`."""
