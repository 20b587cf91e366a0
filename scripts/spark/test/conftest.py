"""What all tests share: the program, and modules found as the job itself finds them."""

import os
import sys
from pathlib import Path

import pytest

SPARK = Path(__file__).resolve().parents[1]

sys.path[:0] = [str(SPARK), str(SPARK.parent / "python" / "src")]

if not os.environ.get("MTALIGN_PROGRAM"):
    sys.exit("MTALIGN_PROGRAM names no program to test with")

# Both ends of a Spark of our own run this Python, and speak over this machine's own address.
os.environ.update(PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


@pytest.fixture(autouse=True, scope="session")
def folder_of_its_own(tmp_path_factory):
    """No test looks at what others kept."""
    os.environ["MTALIGN_CACHE"] = str(tmp_path_factory.mktemp("cache"))
