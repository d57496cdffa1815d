"""The regulator's clocks: what must be sent to whom by when, and the proof that it was."""
