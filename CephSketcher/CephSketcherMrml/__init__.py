"""Films, tracings and superimpositions in the scene."""
