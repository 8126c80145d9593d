"""Rules from tables: the rules that ship, red flags, and those that a curator adds."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

from ..case import Case
from ..errors import MalformedQuery, MalformedRule
from .columns import COLUMNS
from .queries import selected_variables
from .red_flags import as_rule_table
from .rule import Correction, Rule, RuleSubject, Severity, Verdict

_TABLES = ("rules.toml", "case_rules.toml", "red_flags.toml", "drug_rules.toml")
_ALWAYS = frozenset({"disease", "drug", "sex"})
"""Slots that need no query."""

_QUERIES = ("applies", "violated", "satisfied")
_NAMED = ("applies_to", "severity", "citation", "says", "settings", "column", "correction")
_FIELDS = {*_NAMED, "needs", "needs_observed", "asks", *_QUERIES}
_CASE_FIELDS = {field.name for field in fields(Case)} | {"observed", "excluded"}


def read_rules(text: str | None = None) -> tuple[Rule, ...]:
    """The rules of a TOML text, or those that ship, in file order.

    A table with ``all_of`` is a red flag; see ``data/red_flags.toml``.

    Raises:
        MalformedRule: the text is not TOML, or a rule lacks a field, names an unknown one, or has a query that does
            not parse, selects no ``$this`` or does not fill a slot of its messages.
    """
    if text is not None:
        return tuple(_rules(text))
    shipped = [(resources.files("data") / name).read_text(encoding="utf-8") for name in _TABLES]
    return tuple(rule for table in shipped for rule in _rules(table))


def read_all_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """The rules that ship and those of a TOML file or of every one in a folder; one of the same name takes its place.

    Raises:
        MalformedRule: as `read_rules`, or the file or folder cannot be read.
    """
    found = {rule.id: rule for rule in read_rules()}
    if own is not None:
        for file in sorted(own.glob("*.toml")) if own.is_dir() else [own]:
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise MalformedRule(str(file), str(error)) from None
            found |= {rule.id: rule for rule in read_rules(text)}
    return tuple(found.values())


def _rules(text: str) -> Iterator[Rule]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedRule("the rule file", str(error)) from None
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise MalformedRule(f"rule {name}", "it is no table")
        try:
            rule = _rule(name, as_rule_table(table) if "all_of" in table else table)
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise MalformedRule(f"rule {name}", f"{error} is missing or unknown") from None
        _check(rule)
        yield rule


def _rule(name: str, table: Mapping[str, Any]) -> Rule:
    if unknown := sorted(set(table) - _FIELDS):
        raise MalformedRule(f"rule {name}", f"it has the unknown field {unknown[0]}")
    settings = dict(table.get("settings", {}))
    queries = {kind: _with_settings(str(table[kind]), settings) for kind in _QUERIES if kind in table}
    return Rule(
        name,
        RuleSubject(table["applies_to"]),
        Severity(table["severity"]),
        {Verdict(verdict.replace("_", " ")): str(said) for verdict, said in table["says"].items()},
        str(table["citation"]),
        queries["applies"],
        queries["violated"],
        queries.get("satisfied", ""),
        settings,
        table.get("column"),
        Correction(table.get("correction", Correction.NONE)),
        tuple(table.get("needs", ())),
        table.get("asks"),
        tuple(table.get("needs_observed", ())),
    )


def _with_settings(query: str, settings: Mapping[str, Any]) -> str:
    """A query with the numbers of the rule in the place of ``$name``."""
    return re.sub(r"\$(\w+)", lambda found: str(settings.get(found[1], found[0])), query)


def _check(rule: Rule) -> None:
    where = f"rule {rule.id}"
    if rule.column is not None and rule.column not in COLUMNS:
        raise MalformedRule(where, f"there is no column pattern {rule.column}; choose from {', '.join(COLUMNS)}")
    if unknown := sorted(set(rule.needs) - _CASE_FIELDS):
        raise MalformedRule(where, f"a case has no field {unknown[0]}")
    filled: set[str] = set()
    for kind in _QUERIES:
        if query := getattr(rule, kind):
            try:
                variables = selected_variables(query)
            except MalformedQuery as error:
                raise MalformedRule(where, f"its query {kind} does not parse ({error.reason})") from None
            if "this" not in variables:
                raise MalformedRule(where, f"its query {kind} does not select $this")
            filled |= variables
    wanted = set(Verdict) - ({Verdict.SATISFIED} if not rule.satisfied else set())
    if missing := [verdict.value for verdict in Verdict if verdict in wanted - rule.messages.keys()]:
        raise MalformedRule(where, f"it does not say what to write where it is {missing[0]}")
    for message in (*rule.messages.values(), rule.asks or ""):
        slots = {slot for _, slot, _, _ in _parts(message, where) if slot}
        if unknown := sorted(slots - filled - _ALWAYS):
            raise MalformedRule(where, f"its message uses the slot {{{unknown[0]}}}, which no query selects")


def _parts(message: str, where: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(message))
    except ValueError as error:
        raise MalformedRule(where, f"its message {message!r} has a brace too many or too few ({error})") from None
