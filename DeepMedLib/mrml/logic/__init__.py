"""What every module's Logic does, and its options as fields of the parameter node."""
