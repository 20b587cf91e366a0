"""Finds a wheel's address in the package index that pip is set up with (PEP 503 pages and PEP 691 JSON)."""

import html.parser
import json
import urllib.parse

from . import Failure, network
from .network import BROKEN, INDEX_HINT, Patience, open_url

PYPI = "https://pypi.org/simple"
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


def address(wheel):
    """Where the index keeps `wheel`. Fails when it has none, or another file under that name."""
    index = (network.pip_settings().get("index-url") or PYPI).rstrip("/")
    page, kind, body = read_page(f"{index}/{wheel.package}/")
    links = json_links(body) if kind.endswith("json") else html_links(body)
    for link in links:
        target, _, fragment = urllib.parse.urljoin(page, link).partition("#")
        if urllib.parse.unquote(target.rpartition("/")[2]) == wheel.filename:
            if fragment.startswith("sha256=") and fragment != f"sha256={wheel.sha256}":
                raise Failure(f"the package index has another {wheel.filename} than the one expected", INDEX_HINT)
            return target
    raise Failure(f"the package index has no {wheel.filename}", INDEX_HINT)


def read_page(url):
    """The page's own address after redirects, its type and its text."""
    patience = Patience(url)
    while True:
        try:
            with open_url(url, {"Accept": ACCEPT}) as response:
                # Links on the page inherit the credentials that the index was asked with.
                final = url if "@" in urllib.parse.urlsplit(url).netloc else response.geturl()
                return final, response.headers.get_content_type(), response.read().decode()
        except BROKEN as error:
            patience.tried(error)


def json_links(body):
    """Each file's address, with the hash as its fragment, as HTML pages write it."""
    for file in json.loads(body)["files"]:
        sha256 = file["hashes"].get("sha256")
        yield file["url"] + (f"#sha256={sha256}" if sha256 else "")


def html_links(body):
    """The targets of the page's links."""
    links = []

    class Links(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            links.extend(value for name, value in attrs if (tag, name) == ("a", "href") and value)

    Links().feed(body)
    return links
