"""Patrol 日常巡视 (§2): events, case, commands, lifecycle."""
