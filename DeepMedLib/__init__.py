"""What all DeepMed modules share. Pure Python here; MRML in `mrml`, Qt in `gui`."""

__version__ = "0.1.0"
