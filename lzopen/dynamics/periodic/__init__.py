"""Periodically driven models: steady states and finite trains, for whole grids at once."""
