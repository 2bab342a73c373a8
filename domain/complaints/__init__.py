"""§4 Complaints 投诉."""
