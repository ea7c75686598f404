"""Starts the server: `python -m support.clickhouse_http --help`."""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from support.clickhouse_http.access import Access, User
from support.clickhouse_http.engine import Engine
from support.clickhouse_http.handler import Server

_PARENT_PAUSE_SECONDS = 1.0


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    options = _options()
    options.path.mkdir(parents=True, exist_ok=True)
    users = [User(options.user, options.password)]
    if options.reader:
        users.append(User(options.reader, options.reader_password, {"readonly": "1"}))
    engine = Engine(options.path / "engine", options.config)
    server = Server((options.host, options.port), engine, Access(users, options.path / "access.json"))
    print(f"listening on http://{options.host}:{server.server_address[1]}", flush=True)

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever()
    server.server_close()
    engine.close()


def _end_with(parent: int) -> None:
    """A killed test run must not leave a server behind."""
    while os.getppid() == parent:
        time.sleep(_PARENT_PAUSE_SECONDS)
    os._exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="support.clickhouse_http")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument("--path", type=Path, required=True, help="folder of the data; survives SIGKILL")
    parser.add_argument("--user", default="default", help="who may do everything")
    parser.add_argument("--password", default="", help="of that user")
    parser.add_argument("--reader", default="", help="name of a user with readonly=1; none without it")
    parser.add_argument("--reader-password", default="", help="of the reader")
    parser.add_argument("--config", type=Path, default=None, help="ClickHouse configuration file for the engine")
    return parser.parse_args(sys.argv[1:])


if __name__ == "__main__":
    main()
