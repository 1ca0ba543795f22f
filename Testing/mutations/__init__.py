"""Small changes of the algorithms that the tests must notice, as data, and a command that tries them.

``python -m Testing.mutations [AREA ...]`` tries all, or those of some areas (``fetal ceph ct shared``), one at a time
on a copy of the tree, and names the survivors; its exit code is 1 when more than one in twenty survives. Not part of
CI.

A file ``<area>.toml`` holds, for each file of the project, the tests that pin it and pairs of a text in it and what
takes its place.
"""
