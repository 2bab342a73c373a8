"""What can be done about a household 住户 (§9)."""
