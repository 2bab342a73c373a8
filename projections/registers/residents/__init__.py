"""§9: the registers of households and of readings."""
