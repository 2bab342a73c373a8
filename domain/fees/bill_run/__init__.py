"""Bill run 计费出账 (§7.2): events, case, commands, lifecycle."""
