"""The ways out of the portal: a mail server, SMS gateways, files of the demo."""
