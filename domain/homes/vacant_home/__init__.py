"""Vacant home 空房 (§3): events, case, commands, lifecycle."""
