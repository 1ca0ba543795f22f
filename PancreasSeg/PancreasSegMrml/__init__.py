"""The scene's side of Pancreas Seg: nodes of a result, slice pictures, DICOM, corrections."""
