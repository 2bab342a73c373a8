"""HTTP: what stands between a socket and the office."""
