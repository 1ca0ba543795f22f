"""`deepmed demo`: every module on inputs with known truth, and one page that shows it."""
