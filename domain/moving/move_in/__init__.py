"""Move-in 入住 (§1.3): events, case, commands, lifecycle."""
