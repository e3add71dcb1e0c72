#!/usr/bin/env python3
"""Keeps the table of values in the chart's README: writes it, or with --check fails if it differs.

Every value has a comment above it, which becomes its description, and is in the schema.
"""

import json
import pathlib
import sys

import yaml

CHART = pathlib.Path(__file__).resolve().parent / "kvlane"
BEGIN, END = "<!-- BEGIN_VALUES -->", "<!-- END_VALUES -->"


def described(lines):
    """Yields (path, description) of each key that has a comment."""
    comment, path = [], []
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if text.startswith("#"):
            comment.append(text.lstrip("# "))
        elif not text:
            comment = []
        elif ":" in text and not text.startswith("-"):
            path = [entry for entry in path if entry[0] < indent] + [(indent, text.split(":", 1)[0])]
            if comment:
                yield ".".join(key for _, key in path), " ".join(comment)
            comment = []


def at(tree, path):
    for key in path.split("."):
        tree = tree[key]
    return tree


def undocumented(tree, known, prefix=""):
    """The values that neither have a comment nor are inside of one that has."""
    for key, value in tree.items():
        path = prefix + key
        if path in known:
            continue
        if isinstance(value, dict) and value:
            yield from undocumented(value, known, path + ".")
        else:
            yield path


def unchecked(tree, schema, prefix=""):
    """The values that the schema does not know."""
    for key, value in tree.items():
        known = schema.get("properties", {}).get(key)
        if known is None:
            yield prefix + key
        elif isinstance(value, dict) and "properties" in known:
            yield from unchecked(value, known, f"{prefix}{key}.")


def table(values, known):
    rows = ["| value | default | |", "| --- | --- | --- |"]
    for path, description in known.items():
        default = json.dumps(at(values, path)).replace("|", "\\|")
        rows.append(f"| `{path}` | `{default}` | {description.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def main():
    text = (CHART / "values.yaml").read_text()
    values = yaml.safe_load(text)
    known = dict(described(text.splitlines()))
    problems = [f"{path}: has no comment" for path in undocumented(values, known)]
    problems += [f"{path}: is not in values.schema.json"
                 for path in unchecked(values, json.loads((CHART / "values.schema.json").read_text()))]
    readme = CHART / "README.md"
    before, rest = readme.read_text().split(BEGIN)
    written = before + BEGIN + "\n" + table(values, known) + "\n" + END + rest.split(END)[1]
    if "--check" in sys.argv:
        if written != readme.read_text():
            problems.append("README.md: its table is not that of values.yaml; deploy/helm/readme.py writes it")
    else:
        readme.write_text(written)
    print("\n".join(problems), end="\n" if problems else "")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
