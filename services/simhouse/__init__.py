"""A simulated room of MQTT devices with thermal physics: for the demo, the tests and the benchmarks."""
