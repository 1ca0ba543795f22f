"""Management rules and published risk models, as pure functions."""
