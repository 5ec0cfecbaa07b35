"""Pulumi project ``external``: one zone on an offer that speaks EC2 and S3."""
