"""The messages of the landing-zone room."""

from inventory.language import Catalogue

_ = Catalogue("stacks")
