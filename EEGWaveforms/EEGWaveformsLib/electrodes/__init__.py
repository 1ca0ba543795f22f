"""Positions of electrodes and their match with channels."""
