"""What can be done about a renovation 装修 (§1.4)."""
