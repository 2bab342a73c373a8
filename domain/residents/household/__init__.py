"""Household 住户 (§9): events, case, commands, lifecycle."""
