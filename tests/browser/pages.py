"""What the tests and the screenshot share: the browser, and the pages that `samples.rs` wrote."""

import contextlib
import json
import os
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGES = Path(__file__).resolve().parents[2] / "target" / "browser" / "pages"
NAMES = ("lighthouse", "long", "hostile", "faults", "moved")


@contextlib.contextmanager
def open_browser():
    """A browser without a window. Root may not have the sandbox, and a container has little shared memory."""
    options = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["MTALIGN_BROWSER"], args=options)
        try:
            yield browser
        finally:
            browser.close()


def address(name):
    """Of a page, for the browser."""
    return (PAGES / f"{name}.html").as_uri()


def text(name, ending):
    """What else was written of the same document; line ends as they are."""
    return (PAGES / f"{name}.{ending}").read_bytes().decode()


def coverage(name):
    """The coverage of the document, from its JSON."""
    return json.loads(text(name, "json"))["documents"][0]
