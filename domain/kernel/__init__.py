"""The language in which every kind of case is written: lifecycle table, facts, refusals, rules, people, calendar, money."""
