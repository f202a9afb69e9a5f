"""The registry topic as an immutable snapshot: grids, matters, units, components, ..."""
