"""The front door's messages."""

from inventory.language import Catalogue

_ = Catalogue("francecloud")
