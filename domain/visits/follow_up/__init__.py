"""Follow-up 回访 (§5.2): events, case, commands, lifecycle."""
