"""The console 网页工作台: the pages on which the office works; everything on them derives from the tables."""
