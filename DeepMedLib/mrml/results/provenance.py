"""Where an output node came from, written on the node itself so that it travels with the scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import slicer

PREFIX = "DeepMed."


class HasAttributes(Protocol):
    """What `DeepMedLib.provenance.Provenance` offers."""

    def to_attributes(self) -> dict[str, str]:
        """Attribute names and values."""


def setProvenance(node: slicer.vtkMRMLNode, provenance: HasAttributes | Mapping[str, str]) -> None:
    """Write provenance as ``DeepMed.*`` attributes; keys without the prefix get it."""
    attributes = provenance if isinstance(provenance, Mapping) else provenance.to_attributes()
    with slicer.util.NodeModify(node):
        for key, value in attributes.items():
            node.SetAttribute(key if key.startswith(PREFIX) else PREFIX + key, str(value))


def provenanceOf(node: slicer.vtkMRMLNode) -> dict[str, str]:
    """All ``DeepMed.*`` attributes of a node."""
    return {name: node.GetAttribute(name) for name in node.GetAttributeNames() if name.startswith(PREFIX)}


def copyProvenance(source: slicer.vtkMRMLNode, target: slicer.vtkMRMLNode) -> None:
    """Write one node's provenance onto another."""
    setProvenance(target, provenanceOf(source))
