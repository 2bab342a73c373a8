"""What can be done about a debt case 欠费追讨 (§8)."""
