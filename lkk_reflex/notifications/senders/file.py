"""Messages of the demo: a file each, which the page of the demo shows."""

import json
import os
import tempfile
from pathlib import Path

from lkk_reflex.kit import clock
from lkk_reflex.notifications.models import Channel
from lkk_reflex.notifications.sender import Delivery, Outgoing


class FileSender:
    """Writes a JSON file a message; never used in production, because codes lie there in clear text."""

    def __init__(self, directory: Path, channel: Channel) -> None:
        """Write into `directory`, which is made when missing."""
        self._directory = directory
        self._channel = channel

    def send(self, message: Outgoing) -> Delivery:
        """Write the file in one step, so that a reader never sees half of it."""
        self._directory.mkdir(parents=True, exist_ok=True)
        fields = {
            "channel": self._channel,
            "to": message.to,
            "subject": message.subject,
            "body": message.body,
            "sent_at": clock.now().isoformat(),
        }
        name = f"{message.id:012d}.json"
        handle, partial = tempfile.mkstemp(dir=self._directory, suffix=".partial")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(fields, stream, ensure_ascii=False, indent=1)
        Path(partial).replace(self._directory / name)
        return Delivery(ok=True, provider_id=name)
