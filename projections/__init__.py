"""The forms people hold: registers with memory, and the standards read from them."""
