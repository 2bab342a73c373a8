"""What can be done about a month's bill run 计费 (§7.2)."""
