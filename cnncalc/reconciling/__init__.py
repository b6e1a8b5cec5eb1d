"""Which network, convention, tool, input or unit makes a figure that somebody quotes."""
