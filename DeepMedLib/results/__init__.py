"""What every module's result offers: scene, report, files and command line treat all results alike (no Slicer)."""
