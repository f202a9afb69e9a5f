"""Stands for a service where a test is about processes only: ``/readyz`` and nothing else.

A file named by WANGGE_STUB_FAIL makes it end at once; it says ready otherwise.
"""

import os
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def main() -> None:
    if Path(os.environ.get("WANGGE_STUB_FAIL", "/nowhere")).exists():
        sys.exit("ERROR the stub was told to fail")
    port = next(
        value for name, value in os.environ.items() if re.match(r"WANGGE_STUB\w*_PORT", name)
    )
    HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
