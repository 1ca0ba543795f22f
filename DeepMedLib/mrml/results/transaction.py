"""All or nothing: a failure while results are written leaves no half-made nodes behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import slicer


def _ids(scene: slicer.vtkMRMLScene) -> list[str]:
    return [scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())]


@contextmanager
def sceneTransaction() -> Iterator[None]:
    """Remove every node that was added inside when an exception leaves the block, then let the exception pass.

    Singletons (the subject hierarchy, selection ...) belong to the application and stay. Nodes that existed before are
    not restored: create first, and change existing nodes last.
    """
    scene = slicer.mrmlScene
    scene.GetSubjectHierarchyNode()  # made on first use; it must not count as added inside
    before = set(_ids(scene))
    try:
        yield
    except BaseException:
        for nodeId in reversed(_ids(scene)):
            node = scene.GetNodeByID(nodeId)  # may have gone together with a node removed before it
            if nodeId not in before and node is not None and not node.GetSingletonTag():
                scene.RemoveNode(node)
        raise
