"""Pulumi project ``foundation``: what the operator of a cloud lays for its tenants."""
