"""Conditions as SQL over a row of ``artifacts``, the same on every database."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Table,
    and_,
    exists,
    func,
    literal,
    not_,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from luml.server.db.tables import artifact_metrics, artifact_tags, artifacts
from luml.server.filters.conditions import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Contains,
    Equals,
    Measures,
    Not,
    TextField,
)

Clause: TypeAlias = ColumnElement[bool]

COMPARE: dict[Comparison, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LINE_BREAK = "\n"


class position(GenericFunction[int]):  # noqa: N801  # the name is the function's
    """Where in a text another one begins, from 1; 0 if it is not there."""

    type = Integer()
    inherit_cache = True


@compiles(position)
def _strpos(element: position, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos{compiler.process(element.clause_expr, **options)}"


@compiles(position, "sqlite")
def _instr(element: position, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr{compiler.process(element.clause_expr, **options)}"


def clause(condition: Condition) -> Clause:
    """Return a condition as an expression over ``artifacts``."""
    match condition:
        case All(parts):
            return and_(true(), *map(clause, parts))
        case AnyOf(parts):
            return or_(*map(clause, parts))
        case Not(part):
            return not_(clause(part))
        case Equals(field, value):
            return _equals(field, value)
        case Contains(field, value):
            return _contains(field, value)
        case Measures(key, comparison, value):
            columns = artifact_metrics.c
            here = (columns.artifact_id == artifacts.c.id, columns.key == key)
            return _has(artifact_metrics, *here, COMPARE[comparison](columns.value, value))
        case _:
            column = artifacts.c[condition.field]
            found: Clause = COMPARE[condition.comparison](column, condition.value)
            return found


def _has(table: Table, *clauses: Clause) -> Clause:
    return exists().select_from(table).where(*clauses).correlate(artifacts)


def _equals(field: TextField, value: str) -> Clause:
    if field == "tag":
        columns = artifact_tags.c
        return _has(
            artifact_tags,
            columns.collection_id == artifacts.c.collection_id,
            columns.tag == value,
            columns.artifact_id == artifacts.c.id,
        )
    if field == "description":
        return func.coalesce(artifacts.c.description, "") == value
    return artifacts.c[field] == value


def _contains(field: TextField, value: str) -> Clause:
    """Look into the lines of ``search_text``: name, file name, tags."""
    text = artifacts.c.search_text
    line = position(text, LINE_BREAK)
    rest = func.substr(text, line + 1)
    second = position(rest, LINE_BREAK)
    match field:
        case "search":
            return position(text, value) > 0
        case "name":
            return and_(position(text, value) > 0, position(text, value) <= line)
        case "file_name":
            within = or_(second == 0, position(rest, value) <= second)
            return and_(position(rest, value) > 0, within)
        case "tag":
            return and_(second > 0, position(func.substr(rest, second + 1), value) > 0)
        case "description":
            column = func.coalesce(artifacts.c.description_folded, artifacts.c.description, "")
            return position(column, value) > 0
        case _:
            return position(func.lower(artifacts.c[field]), literal(value)) > 0
