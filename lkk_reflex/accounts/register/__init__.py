"""Accrual registers: files of companies and banks that say who owes how much. Described in `docs/registers.md`."""
