"""Key loan 钥匙取领 (§3.3): events, case, commands, lifecycle."""
