"""The search of one channel, from its samples to waveforms with a verdict."""
