"""Spot checks and inspection drills: a figure is tested against its originals by somebody who did not make it."""
