from stacks.external.program import program  # noqa: D100

program()
