"""What the subscriber pays for: providers, personal accounts, bills, registers."""
