"""Capture: what is recorded, and the triggers that record it."""
