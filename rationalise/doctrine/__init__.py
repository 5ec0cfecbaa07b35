"""The law, the tiers, the offers: data files, what they hold, and how they are applied at a date."""
