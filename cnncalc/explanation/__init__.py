"""The worked arithmetic of a layer: each quantity's formula, the numbers in it, the result.

A layer's own steps give volume, learned values and operations; memory and receptive field are
worked out from the report's rows. Numbers are exact; writers round and group them.
"""
