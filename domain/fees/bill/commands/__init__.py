"""What can be done about a bill 账单 (§7)."""
