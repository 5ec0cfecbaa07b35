"""The fewest answers to a decision: which signatures settle most verdicts, in which order, ready to sign."""
