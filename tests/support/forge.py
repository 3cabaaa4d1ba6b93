"""A forge on loopback: comments of one pull request, as GitHub's and GitLab's APIs have them."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

GITHUB = "http://api.github.localhost"  # what `gh` takes for GitHub where GH_HOST says so
MANY, ONE = r"/repos/o/r/issues/7/comments", r"/repos/o/r/issues/comments/(\d+)"
NOTES = r"/api/v4/projects/5/merge_requests/7/notes(?:/(\d+))?"
PLACES = re.compile(f"{MANY}|{ONE}|{NOTES}")
TOKENS = {"token secret", "secret"}


class Forge(ThreadingHTTPServer):
    """A server.

    Attributes:
        comments: id -> text.
        written: method and id of what was written, in order.
        lists: whether it gives comments, or an error.
    """

    def __init__(self, comments: dict[int, str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.comments = comments
        self.written: list[tuple[str, int]] = []
        self.lists = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Forge

    def do_GET(self) -> None:
        """Answer with a page of the comments, the oldest first; on GitHub 30 and a link."""
        if not self.server.lists:
            self._answer({"message": "bad gateway"}, status=502)
            return
        query = parse_qs(urlsplit(self.path).query)
        size, page = (int(query.get(key, ["0"])[0]) for key in ("per_page", "page"))
        size, page = size or (20 if "notes" in self.path else 30), page or 1
        order = sorted(self.server.comments)
        shown = order[(page - 1) * size : page * size]
        more = len(order) > page * size
        here = f"{GITHUB}{urlsplit(self.path).path}?per_page={size}&page={page + 1}"
        self._answer([self._comment(id) for id in shown], f'<{here}>; rel="next"' if more else "")

    def do_POST(self) -> None:
        self._write(max(self.server.comments) + 1, 201)

    def do_PATCH(self) -> None:
        self._write(self._id())

    def do_PUT(self) -> None:
        self._write(self._id())

    def _id(self) -> int:
        found = PLACES.fullmatch(urlsplit(self.path).path)
        return int(next(each for each in found.groups() if each)) if found else 0

    def _write(self, id: int, status: int = 200) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = "urlencoded" in self.headers["Content-Type"]
        self.server.comments[id] = parse_qs(text)["body"][0] if form else json.loads(text)["body"]
        self.server.written.append((self.command, id))
        self._answer(self._comment(id), status=status)

    def _comment(self, id: int) -> dict[str, Any]:
        url = f"{GITHUB}/repos/o/r/issues/comments/{id}"
        return {"id": id, "body": self.server.comments[id], "url": url}

    def _answer(self, content: Any, link: str = "", status: int = 200) -> None:
        headers = self.headers["Authorization"], self.headers["PRIVATE-TOKEN"]
        if not PLACES.fullmatch(urlsplit(self.path).path):
            status, content = 404, {"message": "not found"}
        elif TOKENS.isdisjoint(headers):
            status, content = 401, {"message": "unauthorised"}
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def forge(comments: dict[int, str]) -> Iterator[Forge]:
    """Start a forge, and stop it whatever happens."""
    with Forge(comments) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
