"""The map in the frame of CT or MR."""
