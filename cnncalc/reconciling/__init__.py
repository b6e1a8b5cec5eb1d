"""The search for what a quoted figure is of: network, convention, tool, resolution or unit."""
