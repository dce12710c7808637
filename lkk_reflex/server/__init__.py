"""Delivery of the portal: how the front end is built and served, and how the process starts and stops."""
