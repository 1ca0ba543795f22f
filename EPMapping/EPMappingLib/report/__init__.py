"""Pictures and pages of a result."""
