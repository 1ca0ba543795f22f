"""What only the panel of Pancreas Seg shows."""
