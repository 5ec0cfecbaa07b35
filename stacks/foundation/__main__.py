from stacks.foundation.program import program  # noqa: D100

program()
