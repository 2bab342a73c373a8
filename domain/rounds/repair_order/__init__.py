"""Repair order 维修单 (§1.11, §5.2.B): events, case, commands, lifecycle."""
