"""The front door: one command over the three rooms, its messages, its demonstration."""
