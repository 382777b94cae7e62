"""Brokers for the publisher's child process, which imports this module by name."""

import os
import time
from pathlib import Path


class _App:
    def send_task(self, name, args):
        with Path(os.environ["TW_SENT"]).open("a") as sent:
            sent.write(f"{name} {len(args[0])}\n")
        if os.environ["TW_BROKER"] == "frozen":
            time.sleep(3600)
        if os.environ["TW_BROKER"] == "away":
            raise ConnectionError("nobody there")
        if os.environ["TW_BROKER"] == "deadly":
            os._exit(1)


app = _App()
