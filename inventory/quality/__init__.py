"""What is missing or wrong in a dataset: one idea a module, put together by :mod:`inventory.checking`."""
