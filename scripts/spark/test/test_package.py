"""A job that brings all that it needs: the package as an archive, the modules as a zip, and no checkout beside the script."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SPARK = Path(__file__).resolve().parents[1]

PACKAGE = os.environ.get("MTALIGN_PACKAGE")


@pytest.mark.skipif(not PACKAGE, reason="there is no package")
def test_what_is_submitted_is_all_that_is_needed(tmp_path):
    shutil.copy(SPARK / "align_corpus.py", tmp_path)
    with zipfile.ZipFile(tmp_path / "modules.zip", "w") as archive:
        for module in (SPARK / "mtalign_spark", SPARK.parent / "python" / "src" / "mtalign"):
            for path in module.glob("*.*"):
                archive.write(path, f"{module.name}/{path.name}")
    texts = [("猫睡了。", "The cat slept."), ("下雨了。", "It is raining."), ("天黑了。", "Night fell.")]
    lines = [json.dumps({"id": str(number), "zh": zh, "en": en}) for number, (zh, en) in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    command = [
        Path(sys.executable).with_name("spark-submit"),
        *("--master", "local-cluster[1,1,1024]", "--conf", "spark.executor.memory=512m", "--conf", "spark.ui.enabled=false"),
        *("--conf", "spark.sql.shuffle.partitions=2", "--driver-java-options", "-XX:TieredStopAtLevel=1"),
        *("--archives", f"{PACKAGE}#mtalign", "--py-files", "modules.zip"),
        *("align_corpus.py", "in.jsonl", "--output", "out", "--partitions", "2", "--skip", "not_too_short"),
    ]
    environment = {name: value for name, value in os.environ.items() if name not in ("MTALIGN_PROGRAM", "PYTHONPATH")}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert ran.returncode == 0, ran.stdout
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert told["documents"]["done"] == told["pairs"] == sum(told["splits"].values()) == 3
