"""The shell in the frame of a CT or MR: landmarks, then surface on surface."""
