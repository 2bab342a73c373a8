"""Renovation 装修 (§1.4): events, case, commands, lifecycle."""
