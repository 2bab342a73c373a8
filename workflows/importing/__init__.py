"""Histories of other systems 历史数据导入: a declarative mapping says which row is which fact of which case."""
