"""§1 The office 管理处: its settings, its staff, who owes what."""
