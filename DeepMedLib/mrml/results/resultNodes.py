"""A result in the scene: one handle node that carries it as text, and the nodes that it owns, each under a role.

The handle (a table, a list of landmarks ...) refers to the result's inputs and nodes by role, so that the result is
found again in a scene that was saved, loaded or merged into another, whatever names and IDs its nodes have there.
Labels and names of nodes carry nothing. Deleting the handle takes the other nodes along; see `ownership`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import slicer

from DeepMedLib.mrml.inputs.inputState import changeOfInput, rememberInput
from DeepMedLib.mrml.results import ownership
from DeepMedLib.mrml.results.hierarchy import placeInFolder
from DeepMedLib.mrml.results.ownership import HANDLE_ROLE, INPUT_ROLE, NODE_ROLE
from DeepMedLib.mrml.results.provenance import setProvenance
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.provenance import Provenance
from DeepMedLib.results.result import Result

AnyResult = TypeVar("AnyResult", bound=Result)

_ROLE = re.compile(r"[A-Za-z0-9_.]+")  # a scene file parts roles by blanks, colons and semicolons
VOLUME = "volume"
"""Role of the input that is always there: the scan or picture."""


@dataclass
class ResultNodes(Generic[AnyResult]):
    """A result and its nodes in the scene.

    Attributes:
        result: what was found.
        volume: the scan or picture; None when it was removed.
        nodes: the result's own nodes by role, in the order in which they were made; without those that were deleted.
        handle: the one that carries the result; None where nothing was written, because the model abstained.
        inputs: what else it was computed from, by role.
    """

    result: AnyResult
    volume: slicer.vtkMRMLVolumeNode | None
    nodes: dict[str, slicer.vtkMRMLNode] = field(default_factory=dict)
    handle: slicer.vtkMRMLNode | None = None
    inputs: dict[str, slicer.vtkMRMLNode] = field(default_factory=dict)

    def all(self) -> list[slicer.vtkMRMLNode]:
        """The result's own nodes, without its inputs."""
        return list(self.nodes.values())

    def get(self, role: str) -> Any:
        """The node of a role, or None."""
        return self.nodes.get(role)

    def change(self) -> str:
        """What was done to the input since, see `changeOfInput`; "" for nothing."""
        return changeOfInput(self.handle, self.volume) if self.handle is not None else ""

    def group(self, name: str) -> dict[str, Any]:
        """The nodes of roles ``<name>.<part>``, by part, e.g. the curves of a tracing by outline."""
        start = name + "."
        return {role[len(start) :]: node for role, node in self.nodes.items() if role.startswith(start)}


AnyNodes = ResultNodes[Any]
"""The nodes of any module's result."""


@dataclass(frozen=True)
class ResultKind(Generic[AnyResult]):
    """The results of one module.

    Attributes:
        module: its name, e.g. "ScanCoverage"; the handle's attribute ``DeepMed.<module>`` holds the result.
        resultType: the class of its results.
        handle: role of the node that carries the result.
        handleClass: that node's class.
        nodesType: class of the nodes, where a module names its own among them.
        folder: what the folder beside the input is called after the input's name, e.g. "coverage".
    """

    module: str
    resultType: type[AnyResult]
    handle: str
    folder: str
    handleClass: str = "vtkMRMLTableNode"
    nodesType: type[ResultNodes[Any]] = ResultNodes

    @property
    def attribute(self) -> str:
        """The attribute of the handle that holds the result as JSON; selectors filter by it."""
        return f"DeepMed.{self.module}"

    def write(
        self,
        result: AnyResult,
        volume: slicer.vtkMRMLVolumeNode | None,
        make: Callable[[], Mapping[str, slicer.vtkMRMLNode]],
        inputs: Mapping[str, slicer.vtkMRMLNode] | None = None,
    ) -> ResultNodes[AnyResult]:
        """Put a fresh result into the scene; on an error the scene stays as it was.

        Args:
            volume: the scan or picture; None where a result of several inputs has none that was read.
            make: makes the nodes and returns them by role; nothing where the model abstained.
            inputs: what else the result was computed from, by role.

        Raises:
            ValueError: a role has other characters than letters, digits, "_" and ".", or the handle is missing.
        """
        with sceneTransaction():
            nodes = self.nodesType(result, volume, dict(make()), None, dict(inputs or {}))
            if not nodes.nodes:
                return nodes
            if self.handle not in nodes.nodes:
                raise ValueError(f"a result of {self.module} needs its {self.handle}")
            nodes.handle = nodes.nodes[self.handle]
            self.store(nodes)
            if volume is not None:
                rememberInput(nodes.handle, volume)
            _lookAgain(nodes.handle)
        return nodes

    def store(self, nodes: ResultNodes[AnyResult]) -> None:
        """Write a result that was changed, and its roles, to its handle; nodes that are new to it are adopted."""
        handle = nodes.handle
        if handle is None:
            return
        ownership.watchScene()
        self._adopt(nodes, [node for node in nodes.all() if node.GetNodeReference(HANDLE_ROLE) is not handle])
        references = {INPUT_ROLE + VOLUME: nodes.volume}
        references |= {INPUT_ROLE + role: node for role, node in nodes.inputs.items()}
        references |= {NODE_ROLE + role: node for role, node in nodes.nodes.items()}
        with slicer.util.NodeModify(handle):
            for role in ownership.rolesOf(handle):
                if role.startswith((INPUT_ROLE, NODE_ROLE)) and role not in references:
                    handle.RemoveNodeReferenceIDs(role)
            for role, node in references.items():
                if not _ROLE.fullmatch(role):
                    raise ValueError(f"{role!r} cannot be the role of a node")
                handle.SetNodeReferenceID(role, node.GetID() if node is not None else None)
            for node in nodes.all():
                node.SetNodeReferenceID(HANDLE_ROLE, handle.GetID())
            handle.SetAttribute(self.attribute, json.dumps(nodes.result.to_json(), allow_nan=False))

    def _adopt(self, nodes: ResultNodes[AnyResult], fresh: list[slicer.vtkMRMLNode]) -> None:
        if not fresh:
            return
        for node in fresh:
            setProvenance(node, Provenance.from_values(nodes.result.provenance))
        if nodes.volume is not None:
            placeInFolder(fresh, nodes.volume, f"{nodes.volume.GetName()} {self.folder}")

    def read(self, node: slicer.vtkMRMLNode | None) -> ResultNodes[AnyResult] | None:
        """The result that a node carries or belongs to, e.g. in a scene that was loaded; None for any other node."""
        if node is None:
            return None
        handle = node if node.GetAttribute(self.attribute) else node.GetNodeReference(HANDLE_ROLE)
        text = handle.GetAttribute(self.attribute) if handle is not None else None
        if handle is None or not text:
            return None
        ownership.watchScene()
        result = self.resultType.from_json(json.loads(text))
        nodes = self.nodesType(result, handle.GetNodeReference(INPUT_ROLE + VOLUME), {}, handle)
        for role in ownership.rolesOf(handle):
            referred = handle.GetNodeReference(role)
            if referred is not None and role.startswith(NODE_ROLE):
                nodes.nodes[role[len(NODE_ROLE) :]] = referred
            elif referred is not None and role.startswith(INPUT_ROLE) and role != INPUT_ROLE + VOLUME:
                nodes.inputs[role[len(INPUT_ROLE) :]] = referred
        return nodes

    def inScene(self) -> list[ResultNodes[AnyResult]]:
        """Every result of the module in the scene."""
        found = [self.read(node) for node in ownership.nodesWith(self.attribute)]
        return [nodes for nodes in found if nodes is not None]

    def showOnly(self, nodes: ResultNodes[AnyResult] | None) -> None:
        """Show one result's markups and segments and hide those of the module's other results.

        Pictures without geometry of their own all lie at the same place, so that one's lines would cover another's.
        """
        shown = set() if nodes is None else {node.GetID() for node in nodes.all()}
        for other in self.inScene():
            for node in other.all():
                if node.IsA("vtkMRMLDisplayableNode") and not node.IsA("vtkMRMLVolumeNode"):
                    node.SetDisplayVisibility(node.GetID() in shown)


def _lookAgain(node: slicer.vtkMRMLNode) -> None:
    """Let selectors list a node that has got its attribute just now: they look again only when its name changes."""
    name = node.GetName()
    node.SetName(f"{name} ")
    node.SetName(name)
