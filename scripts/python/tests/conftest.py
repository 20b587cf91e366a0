"""What all tests share."""

import os
import sys

import pytest

if not os.environ.get("MTALIGN_PROGRAM"):
    sys.exit("MTALIGN_PROGRAM names no program to test with")


@pytest.fixture(autouse=True, scope="session")
def folder_of_its_own(tmp_path_factory):
    """No test looks at what others kept."""
    os.environ["MTALIGN_CACHE"] = str(tmp_path_factory.mktemp("cache"))
