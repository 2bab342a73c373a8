"""What can be done about a vacant home 空房 (§3)."""
