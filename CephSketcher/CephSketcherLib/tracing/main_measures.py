"""Which measures stand first: in the printed line, and in a film's row of ``summary.csv``."""

from __future__ import annotations

MAIN = ("SNA", "SNB", "ANB", "FMA")
SUMMARY = ("SNA", "SNB", "ANB", "Wits", "FMA", "SN-GoGn", "U1-SN", "IMPA", "Overjet", "Overbite")
