"""How sensitivity spreads: by kind, along flows, shared databases and copies, with the step that raised each."""
