"""Records, results and electrodes of EEG Waveforms as nodes."""
