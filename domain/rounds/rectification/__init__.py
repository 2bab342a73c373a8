"""Rectification 整改 (§1.1): events, case, commands, lifecycle."""
