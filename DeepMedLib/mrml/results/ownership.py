"""A result owns its nodes: when its handle is deleted, they go with it."""

from __future__ import annotations

from collections.abc import Iterable

import slicer
import vtk

INPUT_ROLE = "DeepMed.input."
"""Handle to what the result was computed from."""
NODE_ROLE = "DeepMed.node."
"""Handle to the nodes that the result owns, itself included."""
SHARED_ROLE = "DeepMed.shared"
"""Handle to nodes that were made of several results and are nothing without this one."""
HANDLE_ROLE = "DeepMed.handle"
"""Every owned node back to its handle."""


def rolesOf(node: slicer.vtkMRMLNode) -> list[str]:
    """The roles under which a node refers to others."""
    return [node.GetNthNodeReferenceRole(index) for index in range(node.GetNumberOfNodeReferenceRoles())]


def nodesWith(attribute: str) -> list[slicer.vtkMRMLNode]:
    """The nodes of the scene that have an attribute."""
    scene = slicer.mrmlScene
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    return [node for node in nodes if node.GetAttribute(attribute)]


def isOwned(node: slicer.vtkMRMLNode) -> bool:
    """Whether a node belongs to a result, so that it is nobody's input."""
    return node.GetNodeReferenceID(HANDLE_ROLE) is not None


def ownedBy(handle: slicer.vtkMRMLNode) -> list[slicer.vtkMRMLNode]:
    """The other nodes of a handle's result, and those that it shares with others."""
    found = [handle.GetNodeReference(role) for role in rolesOf(handle) if role.startswith(NODE_ROLE)]
    count = handle.GetNumberOfNodeReferences(SHARED_ROLE)
    found += [handle.GetNthNodeReference(SHARED_ROLE, index) for index in range(count)]
    return [node for node in found if node is not None and node is not handle]


def share(handles: Iterable[slicer.vtkMRMLNode], nodes: Iterable[slicer.vtkMRMLNode]) -> None:
    """Let nodes that were made of several results go when one of these is deleted."""
    made = list(nodes)
    for handle in handles:
        for node in made:
            handle.AddNodeReferenceID(SHARED_ROLE, node.GetID())
    watchScene()


class _Watch:
    """Follows the removal of nodes from one scene."""

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self.scene = scene
        self._orphans: dict[str, list[str]] = {}
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, self._onLeaving)
        scene.AddObserver(scene.NodeRemovedEvent, self._onLeft)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onLeaving(self, caller, event, node) -> None:  # type: ignore[no-untyped-def]
        # References end with the node: who belongs to it must be known before. A scene that closes needs no help.
        if not self.scene.IsClosing():
            owned = [other.GetID() for other in ownedBy(node)]
            if owned:
                self._orphans[node.GetID()] = owned

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onLeft(self, caller, event, node) -> None:  # type: ignore[no-untyped-def]
        for identifier in self._orphans.pop(node.GetID(), ()):
            orphan = self.scene.GetNodeByID(identifier)
            if orphan is not None:
                self.scene.RemoveNode(orphan)


_watches: list[_Watch] = []


def watchScene() -> None:
    """From now on the deletion of a handle in the scene takes its result's nodes along."""
    if not any(watch.scene is slicer.mrmlScene for watch in _watches):
        _watches.append(_Watch(slicer.mrmlScene))
