"""The proof of the doctrine: over the whole finite domain, at every date at which something changes."""
