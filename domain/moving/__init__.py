"""§1.3, §1.4, §5.2.3(1) Moving 入住与装修: move-in, move-out, takeover of an estate, renovation."""
