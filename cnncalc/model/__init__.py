"""The network as it is counted: the flat Graph, and the Report that analysis makes of it."""
