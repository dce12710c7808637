"""Messages that leave the portal: outbox, retries, senders."""
