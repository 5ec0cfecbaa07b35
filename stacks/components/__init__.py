"""Groups of resources that the programs share: each is one ``ComponentResource``, one idea."""
