"""§7: the registers of fees: bills, their entries, payments, accounts and cash days."""
