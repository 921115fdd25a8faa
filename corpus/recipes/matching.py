"""Is what the program told what was planted? Compares locators and records."""

import csv
import json
import re


def read_tsv(path):
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def locator_fits(pattern, locator):
    """The locator is the pattern's object, or a place in it. '*' stands for anything."""
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.match(expression + r"(?:!|$)", locator, re.DOTALL) is not None


def record_fits(hint, record):
    """hint: "", "name", "line n", "<message id>" or "table column=key"."""
    if hint == "":
        return record["kind"] != "name"
    if hint == "name":
        return record["kind"] == "name"
    if hint.startswith("<"):
        told = record["message_id"] or ""
        return told == hint[1:-1] or "***" in told  # masked when it looks like an address
    if hint.startswith("line "):
        return record["line"] == int(hint[5:])
    return f"{record['table']} {record['pk']}" == hint
