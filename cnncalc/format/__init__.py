"""The architecture file: its models, its expressions, and the way from it to the flat Graph."""
