"""§8 Arrears 费用的追讨."""
