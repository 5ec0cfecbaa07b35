from stacks.network.program import program  # noqa: D100

program()
