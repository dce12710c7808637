"""Papers out of plain values: bills, confirmations and statements as PDF and XLSX."""
