"""What only the panel of EP Mapping shows."""
