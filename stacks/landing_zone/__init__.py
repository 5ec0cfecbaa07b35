"""Pulumi project ``landing_zone``: one zone, with a member's credential on an existing project."""
