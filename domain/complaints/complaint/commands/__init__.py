"""What can be done about a complaint 投诉 (§4)."""
