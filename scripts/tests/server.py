"""A package index on this machine that misbehaves as told, and a wheel for it to serve."""

import hashlib
import http.server
import io
import random
import threading
import zipfile

from libtorch.recipe import Wheel

WANTED = {"torch/lib/libc10.so": "lib/libc10.so", "torch/include/": "include/"}
HEADER = ("torch/include/torch/torch.h", b"#pragma once\n")
LIBRARY = ("torch/lib/libc10.so", bytes(random.Random(1).getrandbits(8) for _ in range(600_000)))


def wheel_bytes():
    """A zip file of 7 MB of which 0.6 MB are wanted, stored so that its size is known."""
    unwanted = bytes(3_200_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("torch/lib/libtorch_cuda.so", unwanted)
        archive.writestr("torch/lib/", b"")
        archive.writestr(*LIBRARY)
        archive.writestr("torch/include/", b"")
        archive.writestr(*HEADER)
        archive.writestr("torch/lib/libtorch_python.so", unwanted)
    return buffer.getvalue()


def wheel_of(content):
    """What `content` is to be like, as the recipe would state it."""
    placed = sorted([("include/torch/torch.h", HEADER[1]), ("lib/libc10.so", LIBRARY[1])])
    listing = "".join(f"{hashlib.sha256(data).hexdigest()}  {place}\n" for place, data in placed)
    return Wheel(
        package="torch",
        filename="torch-1-py3-none-any.whl",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        members=WANTED,
        contents=hashlib.sha256(listing.encode()).hexdigest(),
    )


class Index:
    """Serves one wheel at `/simple/torch/` and `/files/…`; the attributes say how badly."""

    def __init__(self, wheel, content):
        self.wheel, self.content = wheel, content
        self.ranges = True
        self.json = True
        self.redirects = False
        self.cut_after = None
        """Bytes of the wheel after which every answer breaks off."""
        self.down_after = None
        """Bytes of the wheel, in all, after which there is only status 503."""
        self.refusals = []
        """Statuses for the next requests, before any is answered."""
        self.page_hash = wheel.sha256
        self.served = 0
        """Bytes of the wheel sent so far."""
        self.requests = []
        """The path and the headers of each request."""
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                index.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        self.requests.append((request.path, dict(request.headers)))
        if self.refusals:
            request.send_error(self.refusals.pop(0))
        elif self.redirects and not request.path.startswith("/moved"):
            request.send_response(302)
            request.send_header("Location", f"http://{self.host}/moved{request.path}")
            request.end_headers()
        elif request.path.endswith("/simple/torch/"):
            self.send_page(request)
        elif request.path.endswith("/" + self.wheel.filename):
            self.send_wheel(request)
        else:
            request.send_error(404)

    def send_page(self, request):
        link = f"../../files/{self.wheel.filename}"
        if self.json:
            kind = "application/vnd.pypi.simple.v1+json"
            body = '{"files": [{"url": "%s", "hashes": {"sha256": "%s"}}]}' % (link, self.page_hash)
        else:
            kind = "text/html; charset=utf-8"
            body = f'<a href="other.whl">other</a> <a href="{link}#sha256={self.page_hash}">wheel</a>'
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body.encode())

    def send_wheel(self, request):
        if self.down_after is not None and self.served >= self.down_after:
            request.send_error(503)
            return
        start, end = 0, len(self.content)
        asked = request.headers.get("Range")
        if self.ranges and asked:
            first, last = asked[len("bytes=") :].split("-")
            start, end = int(first), int(last) + 1
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(self.content)}")
        else:
            request.send_response(200)
        request.send_header("Content-Length", str(end - start))
        request.end_headers()
        if self.cut_after is not None:
            end = min(end, start + self.cut_after)
        if self.down_after is not None:
            end = min(end, start + self.down_after - self.served)
        try:
            request.wfile.write(self.content[start:end])
        except OSError:
            # The other side had enough: it only asked whether ranges are known.
            end = start
        self.served += end - start
