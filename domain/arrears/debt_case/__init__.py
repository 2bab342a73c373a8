"""Debt case 欠费追讨 (§8): events, case, commands, lifecycle."""
