"""What ``check`` says of identity: cells about which sources disagree, pairs to review, decisions and settings that err."""

from __future__ import annotations

from inventory.cells import SEPARATOR
from inventory.dataset import schema
from inventory.language import _
from inventory.matching.decisions import read_decisions
from inventory.package import Package
from inventory.precedence import precedence_problems
from inventory.problems import InvalidInput, Problem, Severity
from inventory.provenance import conflicts
from inventory.reconcile import pending
from inventory.workspace import Workspace


def check_identity(workspace: Workspace, dataset: Package) -> list[Problem]:
    """Every cell about which sources disagree, then what a person has to settle or mend."""
    problems = [
        Problem(
            code="INV-173", severity=Severity.INFO, file=f"dataset/{table}.csv", field=field, value=value,
            message=_("{id}, {field}: “{value}” in {source}, “{kept}” is kept", id=identifier.replace(SEPARATOR, " "),
                      field=schema().tables[table].by_name[field].label(), value=value, source=source, kept=kept),
        )
        for table, identifier, field, kept, source, value in conflicts(dataset).iter_rows()
    ]  # fmt: skip
    problems += precedence_problems(workspace, dataset["sources"]["id"])
    try:
        decisions = read_decisions(workspace)
    except InvalidInput as error:
        return [*problems, *error.problems]
    for table, pairs in pending(dataset.tables, decisions).items():
        if pairs.height:
            text = _.plural("{n} pair of {table} may be the same: a person must say", "{n} pairs of {table} may be the same: a person must say",
                            pairs.height, table=table)  # fmt: skip
            problems.append(Problem(code="INV-169", severity=Severity.INFO, file=f"dataset/{table}.csv", message=text,
                                    hint=_("list them: francecloud matches; settle them: francecloud matches --write")))  # fmt: skip
    return problems
