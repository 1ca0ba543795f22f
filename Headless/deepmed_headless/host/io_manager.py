"""`slicer.app.coreIOManager()`: loads, saves and exports nodes and scenes by storage node, as slicer.util expects."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from deepmed_headless.host.file_types import PICTURE_EXTENSIONS, base_name_of, entry_of, file_type_of
from deepmed_headless.host.picture_reader import load_picture

Properties = dict[str, Any]
_SEGMENTATION_EXTENSIONS = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".vtm")


class Host(Protocol):
    """What loading and saving need of the application."""

    temporaryPath: str

    def mrmlScene(self) -> Any: ...
    def applicationLogic(self) -> Any: ...
    def moduleLogic(self, name: str) -> Any: ...
    def register_node_classes(self, scene: Any) -> None: ...


class IOManager:
    """Stands in for qSlicerCoreIOManager. Reading and writing itself is done by the compiled storage nodes."""

    def __init__(self, application: Host) -> None:
        self._application = application

    def fileType(self, fileName: str) -> str:
        """Name of the reader for a file name."""
        return file_type_of(str(fileName))

    def loadNodes(self, fileType: str, properties: Properties, collection: Any, messages: Any = None) -> bool:
        """Reads `properties["fileName"]` and adds the node to `collection`; False where it cannot be read."""
        file_name = str(properties["fileName"])
        if fileType == "SceneFile":
            return self.loadScene(file_name, properties)
        node = self._read(fileType, file_name, properties, messages) if Path(file_name).exists() else None
        if node is None:
            if messages is not None:
                import vtk

                messages.AddMessage(vtk.vtkCommand.ErrorEvent, f"Cannot read {file_name}.")
            return False
        collection.AddItem(node)
        return True

    def _read(self, file_type: str, file_name: str, properties: Properties, messages: Any) -> Any | None:
        application = self._application
        scene = application.mrmlScene()
        base = str(properties.get("name") or base_name_of(file_name))
        if file_type == "VolumeFile":
            return self._read_volume(file_name, base, properties)
        if file_type == "MarkupsFile":
            identifiers = application.moduleLogic("Markups").LoadMarkups(file_name, base)
            return scene.GetNodeByID(identifiers.split(",")[0]) if identifiers else None
        if file_type == "SequenceFile":
            return application.moduleLogic("Sequences").AddSequence(file_name, messages)
        if file_type == "TransformFile":
            return application.moduleLogic("Transforms").AddTransform(file_name, scene)
        if file_type == "SegmentationFile" and not file_name.lower().endswith(_SEGMENTATION_EXTENSIONS):
            return None
        return self._read_with_storage(file_type, file_name, base)

    def _read_volume(self, file_name: str, base: str, properties: Properties) -> Any | None:
        import vtk

        logic = self._application.moduleLogic("Volumes")
        if file_name.lower().endswith(PICTURE_EXTENSIONS):
            node = load_picture(self._application.mrmlScene(), file_name, base)
        else:
            options = (
                bool(properties.get("labelmap", False)) * 1
                | bool(properties.get("center", False)) * 2
                | bool(properties.get("singleFile", False)) * 4
                | bool(properties.get("autoWindowLevel", True)) * 8
                | bool(properties.get("discardOrientation", False)) * 16
            )
            names = vtk.vtkStringArray()
            for name in properties.get("fileNames", []):
                names.InsertNextValue(str(name))
            node = logic.AddArchetypeVolume(file_name, base, options, names)
        if node is not None and properties.get("show", True):
            self._show(node)
        return node

    def _show(self, volume: Any) -> None:
        """Puts a loaded volume into the slice views, as the desktop does."""
        logic = self._application.applicationLogic()
        selection = logic.GetSelectionNode()
        if selection is None:
            return
        if volume.IsA("vtkMRMLLabelMapVolumeNode"):
            selection.SetActiveLabelVolumeID(volume.GetID())
        else:
            selection.SetActiveVolumeID(volume.GetID())
        logic.PropagateVolumeSelection()

    def _read_with_storage(self, file_type: str, file_name: str, base: str) -> Any | None:
        scene = self._application.mrmlScene()
        entry = entry_of(file_type)
        storage = scene.CreateNodeByClass(entry.storage_class)
        storage.UnRegister(None)
        storage.SetFileName(file_name)
        node = scene.AddNewNodeByClass(entry.node_class, scene.GenerateUniqueName(base))
        if not storage.ReadData(node):
            scene.RemoveNode(node)
            return None
        scene.AddNode(storage)
        node.SetAndObserveStorageNodeID(storage.GetID())
        if hasattr(node, "CreateDefaultDisplayNodes"):
            node.CreateDefaultDisplayNodes()
        return node

    def loadScene(self, fileName: str, properties: Properties | None = None) -> bool:
        """Reads a .mrb bundle or .mrml file into the scene; `properties["clear"]` empties the scene first."""
        scene = self._application.mrmlScene()
        if not Path(fileName).exists():
            return False
        if (properties or {}).get("clear", False):
            scene.Clear(False)
        if str(fileName).lower().endswith(".mrb"):
            folder = tempfile.mkdtemp(dir=self._application.temporaryPath)
            return bool(self._application.applicationLogic().OpenSlicerDataBundle(str(fileName), folder))
        scene.SetURL(str(fileName))
        return bool(scene.Import())

    def fileWriterFileType(self, node: Any) -> str:
        """Name of the writer for a node."""
        return str(node.GetClassName())

    def fileWriterExtensions(self, node: Any) -> list[str]:
        """Formats a node can be written in, as "NRRD (.nrrd)"."""
        storage = node.CreateDefaultStorageNode() if hasattr(node, "CreateDefaultStorageNode") else None
        if storage is None:
            return []
        storage.UnRegister(None)
        storage.SetScene(self._application.mrmlScene())  # outside a scene it knows no formats
        formats = storage.GetSupportedWriteFileTypes()
        return [formats.GetValue(index) for index in range(formats.GetNumberOfValues())]

    def extractKnownExtension(self, fileName: str, node: Any) -> str:
        """The longest extension of `fileName` that the node's storage can write, else ""."""
        import slicer

        lower = str(fileName).lower()
        extension_of = slicer.vtkDataFileFormatHelper.GetFileExtensionFromFormatString
        known = [extension_of(text) for text in self.fileWriterExtensions(node)]
        return max((extension for extension in known if lower.endswith(extension.lower())), key=len, default="")

    def saveNodes(self, fileType: str, properties: Properties, messages: Any = None) -> bool:
        """Writes the node `properties["nodeID"]` (or the scene, for "SceneFile") to `properties["fileName"]`."""
        file_name = str(properties["fileName"])
        if fileType == "SceneFile":
            return self.saveScene(file_name)
        node = self._application.mrmlScene().GetNodeByID(properties["nodeID"])
        if node is None:
            return False
        if node.IsA("vtkMRMLTextNode"):
            node.SetForceCreateStorageNode(node.CreateStorageNodeAlways)
        if node.GetStorageNode() is None:
            node.AddDefaultStorageNode(file_name)
        storage = node.GetStorageNode()
        if storage is None:
            return False
        storage.SetFileName(file_name)
        if "useCompression" in properties:
            storage.SetUseCompression(int(properties["useCompression"]))
        return bool(storage.WriteData(node))

    def saveScene(self, fileName: str, screenShot: Any = None) -> bool:
        """Writes the scene as .mrml, .mrb or, for any other name, into that folder."""
        scene = self._application.mrmlScene()
        path = Path(fileName)
        scene.SetURL(str(path))
        scene.SetRootDirectory(str(path.resolve().parent))
        suffix = path.suffix.lower()
        if suffix == ".mrml":
            return bool(scene.Commit(str(path)))
        if suffix == ".mrb":
            return bool(scene.WriteToMRB(str(path)))
        path.mkdir(parents=True, exist_ok=True)
        return bool(self._application.applicationLogic().SaveSceneToSlicerDataBundleDirectory(str(path), screenShot))

    def exportNodes(
        self,
        nodeIDs: Sequence[str],
        fileNames: Sequence[str],
        properties: Properties,
        hardenTransform: bool,
        messages: Any = None,
    ) -> bool:
        """Writes copies of the nodes, so that their own storage nodes stay as they are."""
        written = [
            self._export(node_id, str(file_name), hardenTransform)
            for node_id, file_name in zip(nodeIDs, fileNames, strict=True)
        ]
        return all(written)

    def _export(self, node_id: str, file_name: str, harden: bool) -> bool:
        import vtk

        scene = self._application.mrmlScene()
        source = scene.GetNodeByID(node_id)
        apart = type(scene)()
        apart.SetRootDirectory(scene.GetRootDirectory() or "")
        self._application.register_node_classes(apart)
        copy = scene.CreateNodeByClass(source.GetClassName())
        copy.UnRegister(None)
        apart.AddNode(copy)
        copy.CopyContent(source)
        if harden and source.GetParentTransformNode() is not None:
            to_world = vtk.vtkGeneralTransform()
            source.GetParentTransformNode().GetTransformToWorld(to_world)
            copy.ApplyTransform(to_world)
        copy.AddDefaultStorageNode(file_name)
        storage = copy.GetStorageNode()
        storage.SetFileName(file_name)
        return bool(storage.WriteData(copy))
