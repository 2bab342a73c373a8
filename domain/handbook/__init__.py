"""The handbook's clauses and numbers 手册条款与设定: dated, bounded, per office."""
