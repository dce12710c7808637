"""Money that subscribers pay: payments, their ledger, the gateway."""
