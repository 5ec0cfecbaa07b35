"""Pulumi project ``network``: the hubs of an operated cloud, and who may see them."""
