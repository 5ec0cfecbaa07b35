"""What would move if something were otherwise: a rule, an offer, a day, an overlay, a decision."""
