"""Widgets of EEG Waveforms."""
