"""Comparisons with peers 对比测量: every figure is a ratio taken in one run on one machine."""
