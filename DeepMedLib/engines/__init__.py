"""Networks that users bring, behind one interface, for every CT module: `open_engine` and `Engine`.

MONAI bundles (``monai_bundle``), result folders of nnU-Net v2 (``nnunet_folder``), the TotalSegmentator package
(``totalsegmentator``). They answer with labels on the grid of the array that they are given and with the names that
they have for them (``class_names``); `cropped` runs one on a part of a scan, again and again where the agreement tells
how far its volumes can be trusted. Only worker processes import these files: they need torch.
"""
