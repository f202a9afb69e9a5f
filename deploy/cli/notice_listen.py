"""A receiver of webhooks to try them with: it checks signatures, knows doubles, and prints."""

import json as jsons
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deploy.cli.console import out
from deploy.local.ports import HOST
from services.escalation.domain.posting import ID, verified

MAX_BYTES = 1024 * 1024
TOLERATED_S = 300
"""A signature that is older may be somebody else's, who has seen one of ours."""
REMEMBERED = 10_000


def listen(port: int, secret: str, *, json: bool) -> None:
    """Serve on this machine until interrupted."""
    seen: dict[str, None] = {}

    class Receiver(BaseHTTPRequestHandler):
        """Answers 204 to what is signed with the secret, 401 to all else."""

        def do_POST(self) -> None:  # the name that the library asks for
            body = self.rfile.read(min(int(self.headers.get("content-length") or 0), MAX_BYTES))
            good = verified(secret, dict(self.headers.items()), body, time.time(), TOLERATED_S)
            number = self.headers.get(ID, "")
            said = "" if good else "BAD SIGNATURE 签名无效"
            if good and number in seen:
                said = "again 重复"
            elif good:
                seen[number] = None
                if len(seen) > REMEMBERED:
                    del seen[next(iter(seen))]
            _print(body, said, json=json)
            self.send_response(204 if good else 401)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing beside the notices."""

    with ThreadingHTTPServer((HOST, port), Receiver) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def _print(body: bytes, said: str, *, json: bool) -> None:
    text = body.decode(errors="replace")
    if json:
        out.print(text, markup=False)
        return
    if said:
        out.print(said, style="bold red", markup=False)
    try:
        told = jsons.loads(text)
        out.print(told["subject"], style="bold", markup=False)
        out.print(told["body"], "", sep="\n", markup=False)
    except (ValueError, KeyError, TypeError):
        out.print(text, markup=False)
