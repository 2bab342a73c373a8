"""What can be done about a follow-up 回访 (§5.2)."""
