"""A headless Chromium, driven through its DevTools protocol over two pipes: no port, no driver."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-extensions", "--disable-background-networking", "--disable-component-update"),
    *("--disable-dev-shm-usage", "--remote-debugging-pipe", "about:blank"),
)
# The protocol is spoken over file descriptors 3 and 4 of the browser (bash: others have one digit).
START = 'exec "$0" "$@" 3<&"$READ" 4>&"$WRITE"'


class Chromium:
    """One browser, one tab.

    Attributes:
        requests: addresses that pages asked for, data: ones left out.
        complaints: errors and warnings of the console, exceptions, refused contents.
    """

    def __init__(self, profile: Path):
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            raise FileNotFoundError("expected chromium (Debian: apt-get install chromium)")
        (read, ours_out), (ours_in, write) = os.pipe(), os.pipe()
        command = [
            "bash",
            "-c",
            START,
            program,
            *FLAGS[:-1],
            f"--user-data-dir={profile}",
            FLAGS[-1],
        ]
        environment = os.environ | {"READ": str(read), "WRITE": str(write)}
        self.process = subprocess.Popen(
            command, pass_fds=(read, write), env=environment, stderr=subprocess.DEVNULL
        )
        for descriptor in (read, write):
            os.close(descriptor)
        self._in, self._out = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self._rest, self._last, self._session = b"", 0, None
        self._events: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.complaints: list[str] = []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Performance", "DOM"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        self._session = None
        self.call("Browser.close")
        self.process.wait(20)
        for pipe in (self._in, self._out):
            pipe.close()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        self._out.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])
            self._note(answer)

    def open(self, address: str) -> None:
        """Load a page, from a fresh tab, and wait until it is loaded."""
        for each in ("about:blank", address):
            for noted in (self._events, self.requests, self.complaints):
                noted.clear()
            self.call("Page.navigate", url=each)
            while not any(event["method"] == "Page.loadEventFired" for event in self._events):
                self._note(self._read())

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript in the page, await what it promises, return its value."""
        options = {"returnByValue": True, "awaitPromise": True}
        answer = self.call("Runtime.evaluate", expression=expression, **options)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def view(self, width: int, *, dark: bool = False, height: int = 800) -> None:
        """Set the size of the window, and light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.call("Emulation.setDeviceMetricsOverride", **size, mobile=width < 600)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key, as a keyboard does."""
        known = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        down = known | ({"text": text} if text else {})
        self.call("Input.dispatchKeyEvent", type="keyDown", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **known)

    def shot(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen, or the whole page, as a PNG."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self) -> bytes:
        """Print the page."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._in.fileno(), 1 << 20)
            if not part:
                raise EOFError("the browser ended")
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(line))

    def _note(self, event: dict[str, Any]) -> None:
        method, params = event.get("method", ""), event.get("params", {})
        self._events.append(event)
        if method == "Network.requestWillBeSent":
            address = params["request"]["url"]
            self.requests += [] if address.startswith("data:") else [address]
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(params["args"]))


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """Start a browser, and end it whatever happens."""
    browser = Chromium(profile)
    try:
        yield browser
    finally:
        try:
            browser.close()
        finally:
            browser.process.kill()
            browser.process.wait()
