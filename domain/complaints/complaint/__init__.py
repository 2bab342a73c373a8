"""Complaint 投诉 (§4): events, case, commands, lifecycle."""
