"""Pictures of a map from six sides, drawn without a display, and the report."""
