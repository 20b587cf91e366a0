"""The examples of the README run, one after another, as one would type them."""

import os
import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_examples_run_and_print_what_they_say(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", README.read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    names = {"__name__": "__main__"}
    for code, printed in blocks:
        exec(compile(code, str(README), "exec"), names)
        said = capsys.readouterr().out
        assert said == printed, f"{code}\nprints\n{said}"
    assert os.environ["MTALIGN_PROGRAM"] and "torch" not in sys.modules
