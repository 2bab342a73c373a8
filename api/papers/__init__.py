"""Printed papers 打印件: notices, receipts, statements and court files, from plain data to the bytes of a PDF (§7, §8)."""
