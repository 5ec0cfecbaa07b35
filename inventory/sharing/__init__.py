"""The dataset leaves the house: other formats, names replaced, several houses added up."""
