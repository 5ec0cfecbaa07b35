"""The bundled sample and the run of the whole chain on it."""
