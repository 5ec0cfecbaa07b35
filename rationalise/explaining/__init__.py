"""Why a verdict: the matrix of rules, what would change it, where values come from and how old they are."""
