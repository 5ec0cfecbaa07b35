"""The messages of the rationalisation room, those of its templates included."""

from inventory.language import Catalogue

_ = Catalogue("rationalise")
