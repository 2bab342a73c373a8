"""Registers, their tables, replay, rebuild, and the reading of standards."""
