"""Payment gateways: one contract, one adapter each."""
