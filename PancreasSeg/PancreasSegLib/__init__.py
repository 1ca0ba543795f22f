"""Pancreas and neighboring organs in abdominal CT: what a module, a command or another engine calls.

The computation (worker process; torch):
    ``PancreasSegLib.organs_task:run``       a CT -> labels on its own grid, findings, remarks
    ``PancreasSegLib.organs_task:run_slice`` an 8-bit axial slice picture -> labels of its pixels

Plain data (no torch; safe at file scope):
    ``organs``         ORGANS: key, name, id in label volumes, color, codes, usual volumes; CHANNELS of the network
    ``options``        OPTIONS of the module, panel and command
    ``organs_result``  OrgansResult (one CT), SliceResult (one picture), OrganFinding
    ``findings``       `organ_findings(labels, grid, ...)`: volumes with intervals, complete or cut, parts, what is odd.
                       Any label volume with our ids will do: ours, a user's bundle, nnU-Net, TotalSegmentator
    ``cleanup``        `cleaned(labels, spacing)`: which parts of an organ are kept
    ``organs_picture`` `organs_picture(values, labels, grid)`: overlay.png of a CT; `slice_overlay` of a picture
    ``organs_report``  `organs_report(result, picture)`, `slice_report(result, picture)`
    ``calibration``    Calibration: edge errors from which intervals follow; `UNCALIBRATED` for a user's network

An engine other than ours gives labels (k, j, i) uint8 with the ids of ORGANS on the input's grid, and passes them to
`organ_findings` and `OrgansResult`; ``organs_task.finish`` does both.

Tests that need a network but no weights write one with ``Testing/unit/pancreasseg/tiny.py``: it tells organs by grey
value alone.
"""
