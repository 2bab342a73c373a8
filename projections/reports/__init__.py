"""Reports 报表: what the registers say when they are added up, as of any day and any page of the book."""
