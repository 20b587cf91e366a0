"""What the README says of the command line is so."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]

OF_SPARK = {
    "--archives", "--conf", "--deploy-mode", "--executor-cores", "--executor-memory", "--master", "--num-executors", "--py-files",
}
OF_MTALIGN = {"--jobs", "--no-cache", "--threads"}


def test_every_option_is_one_of_the_job_or_of_spark():
    shown = subprocess.run([sys.executable, HERE / "align_corpus.py", "--help"], check=True, stdout=subprocess.PIPE, text=True)
    known = set(re.findall(r"--[a-z-]+", shown.stdout))
    named = set(re.findall(r"--[a-z][a-z-]+", (HERE / "README.md").read_text("utf-8")))
    assert named - OF_SPARK - OF_MTALIGN <= known
    assert known - {"--help", "--model", "--format"} <= named, "an option is not explained"


def test_what_is_named_is_there():
    text = (HERE / "README.md").read_text("utf-8")
    for path in re.findall(r"\bscripts/[a-z_/.]+[a-z]", text):
        assert (HERE.parents[1] / path).exists(), path
