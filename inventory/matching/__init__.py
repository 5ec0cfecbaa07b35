"""The same thing seen by two sources: candidates, evidence term by term, a score, three zones, groups that hold together.

Fellegi and Sunter's model ("A theory for record linkage", JASA 1969): each comparison adds the logarithm, in bits, of how
much likelier what is observed is for a true pair than for another. The weights are data (``data/matching.json``).
"""
