"""The application at the network's edge: log-in limits, headers, hosts, time-outs, logs and figures."""
