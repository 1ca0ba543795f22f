"""Events as stretches of time: bursts, and agreement with marks."""
