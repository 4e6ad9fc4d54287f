"""The only place that knows everybody: build, run, sd_notify, command line."""
