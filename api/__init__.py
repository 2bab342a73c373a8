"""The HTTP API, the console and the command line over the office at work."""
