"""After a kill: what was being made is looked up on the cloud, and enters the state or is forgotten."""
