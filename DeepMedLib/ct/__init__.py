"""What a CT shows before anything is measured in it: checks, profiles, masks, coverage. No Slicer, no torch."""
