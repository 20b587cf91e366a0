"""What the program writes is what the schema says, and the schema says no more than that."""

import json
import os
import subprocess
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

SCHEMA = json.loads((files("mtalign") / "lines.schema.json").read_text("utf-8"))

DOCUMENTS = [
    {"id": "a", "zh": "猫睡了。门上贴着一张纸条。他买了三十本书。", "en": "The cat slept. He bought thirteen books. OK."},
    {"id": 7, "text": "天黑了。\n\nNight fell.\n\nconst x = 1;"},
    "no document",
    {"zh": "none", "en": "None."},
]
PAIRS = [{"zh": "猫睡了。", "en": "The cat slept."}, "no pair"]


def validator(name):
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def written(given, *arguments):
    lines = [it if isinstance(it, str) else json.dumps(it, ensure_ascii=False) for it in given]
    command = [os.environ["MTALIGN_PROGRAM"], *arguments, "--errors", "inline", "-q"]
    ran = subprocess.run(command, input="\n".join(lines), stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert ran.returncode == 2, "not all of it can be done"
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize(
    ("name", "given", "arguments", "good"),
    [
        ("alignment", DOCUMENTS, ("align", "-", "-f", "jsonl", "--by-document", "--keep-unaligned"), 2),
        ("row", DOCUMENTS, ("align", "-", "-f", "jsonl", "--keep-unaligned"), None),
        ("report", DOCUMENTS, ("coverage", "-", "-f", "jsonl", "--checks", "all"), 2),
        ("translations", DOCUMENTS, ("translate", "-", "-f", "jsonl"), 2),
        ("row", PAIRS, ("dataset", "--score-only", "-", "-o", "-"), 1),
        ("judgement", PAIRS, ("dataset", "--judge-only", "-", "-o", "-"), 1),
    ],
)
def test_lines_are_as_the_schema_says(name, given, arguments, good):
    lines = written(given, *arguments)
    told = [line for line in lines if "error" in line]
    done = [line for line in lines if "error" not in line]
    assert told and (good is None or len(done) == good)
    for line in told:
        validator("failure").validate(line)
    for line in done:
        validator(name).validate(line)
        assert not validator("failure").is_valid(line)
        for key in line:
            assert not validator(name).is_valid({**line, key: True}), f"anything may stand in {key}"
            assert not validator(name).is_valid({k: v for k, v in line.items() if k != key}), f"{key} may be missing"


def test_what_may_be_given_is_said_too():
    for document in DOCUMENTS:
        assert validator("document").is_valid(document) == isinstance(document, dict)
    assert not validator("document").is_valid({"text": "x", "zh": "y"})
    assert validator("pair").is_valid(PAIRS[0]) and not validator("pair").is_valid({"zh": "x"})


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
