"""The seed's first stage: networks that tell from patches around landmarks how far a pose is off (torch)."""
