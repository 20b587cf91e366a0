"""Requests that go the way pip's go: its index, its certificates, the system's proxies; and patience with them."""

import ast
import base64
import functools
import http.client
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from . import Failure, say
from .recipe import OWN_LIBTORCH

TIMEOUT = 60
"""Seconds without a byte after which a connection counts as broken."""

PAUSES = (1, 2, 4, 8, 16)
"""Seconds to wait after each failure in a row; one more failure is the last."""

BROKEN = (OSError, http.client.HTTPException)
"""What `urllib` raises when the network or the server lets us down."""


@functools.lru_cache(maxsize=None)
def pip_settings():
    """pip's settings as it would use them, from its files and the environment: name to value."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
    found = {}
    # The environment wins over a command's own section, that one over the general section.
    for section in ("global", "install", "download", ":env:"):
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section + "."):
                found[name[len(section) + 1 :]] = str(ast.literal_eval(value))
    return found


class Patience:
    """Counts the failures in a row, waits longer after each, and gives up in the end."""

    def __init__(self, url):
        self.host = urllib.parse.urlsplit(url).hostname
        self.failures = 0

    def rewarded(self):
        """Something came: the count starts again."""
        self.failures = 0

    def tried(self, error):
        """Waits, or raises `Failure` when waiting cannot help or has not helped."""
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise Failure(
                f"the certificate of {self.host} is not trusted: {reason}",
                "set SSL_CERT_FILE or PIP_CERT to the certificates that your network uses",
            ) from error
        if isinstance(error, urllib.error.HTTPError):
            reason = f"status {error.code} {error.reason}"
            if error.code < 500 and error.code not in (408, 429):
                raise Failure(f"{self.host} refuses {error.url}: {reason}", INDEX_HINT) from error
        if self.failures == len(PAUSES):
            raise Failure(f"cannot reach {self.host}: {reason}", NETWORK_HINT) from error
        pause = PAUSES[self.failures]
        self.failures += 1
        say(f"{self.host}: {reason}; trying again in {pause} s")
        time.sleep(pause)


INDEX_HINT = f"choose another package index with PIP_INDEX_URL, or {OWN_LIBTORCH}"
NETWORK_HINT = f"run this again when the network is back, it goes on where it stopped; or {OWN_LIBTORCH}"


def open_url(url, headers):
    """The answer to one request. User and password in `url` are sent as such, but never along a redirect."""
    parts = urllib.parse.urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(parts._replace(netloc=host).geturl(), headers=headers)
    request.add_header("User-Agent", "mtalign-setup")
    if at:
        login = base64.b64encode(urllib.parse.unquote(credentials).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {login}")
    return opener().open(request, timeout=TIMEOUT)


@functools.lru_cache(maxsize=None)
def opener():
    """Trusts what the system trusts and what pip trusts; a bare Python on macOS trusts nobody by itself."""
    context = ssl.create_default_context()
    for bundle in (pip_settings().get("cert"), os.environ.get("REQUESTS_CA_BUNDLE"), pip_certificates()):
        if bundle and os.path.isdir(bundle):
            context.load_verify_locations(capath=bundle)
        elif bundle and os.path.isfile(bundle):
            context.load_verify_locations(cafile=bundle)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))


def pip_certificates():
    """The certificates that come with pip."""
    try:
        from pip._vendor import certifi
    except ImportError:
        return None
    return certifi.where()
