"""Networks on candidates and nodules, and what they are fed."""
