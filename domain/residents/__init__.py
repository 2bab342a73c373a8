"""§9 Resident files 住户档案."""
