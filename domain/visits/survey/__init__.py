"""Survey 征求意见 (§5.1): events, case, commands, lifecycle."""
