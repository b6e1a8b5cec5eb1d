"""A layer applied to given values: its definition run on numbers that record their formula."""
