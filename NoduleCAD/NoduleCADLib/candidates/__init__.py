"""Where a nodule may be: detectors over the lungs, each one function."""
