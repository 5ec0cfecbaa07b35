"""Workbooks sent to people to fill in, and read back: what they hold, how they are written in each format."""
