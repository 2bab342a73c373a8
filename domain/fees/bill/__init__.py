"""Bill 账单 (§7): events, case, commands, lifecycle."""
