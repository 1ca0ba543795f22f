"""Reading CT scans: files of any name, told by their content, as one volume each, with what is to be said about it."""

from DeepMedLib.series.reading import list_scans, read_scan, scan_places
from DeepMedLib.series.scan import PADDING_HU, Scan, ScanChoice, Source

__all__ = ["PADDING_HU", "Scan", "ScanChoice", "Source", "list_scans", "read_scan", "scan_places"]
