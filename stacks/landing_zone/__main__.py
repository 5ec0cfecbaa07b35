from stacks.landing_zone.program import program  # noqa: D100

program()
