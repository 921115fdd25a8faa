"""Recipes of a synthetic world: persons, what is written about them and where."""
