"""Measurements. Absolute figures belong to the machine; only ratios within one run are compared."""
