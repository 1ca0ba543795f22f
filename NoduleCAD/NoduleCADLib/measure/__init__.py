"""What is measured of a nodule."""
