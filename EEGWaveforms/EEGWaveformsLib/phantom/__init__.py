"""The generated record with known truth."""
