"""The console: its pages, its forms, what they let through and what they look like."""
