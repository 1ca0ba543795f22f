"""One-page reports: the same figures as HTML and as PDF."""
