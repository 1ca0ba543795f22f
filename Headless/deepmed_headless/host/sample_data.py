"""`SampleData`: records the sources that modules register and runs their custom downloaders; nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deepmed_headless.host.namespace import new_module


@dataclass
class SampleDataSource:
    """One registered tile of the Sample Data module."""

    sampleName: str | None = None
    sampleDescription: str | None = None
    uris: str | Sequence[str] | None = None
    fileNames: str | Sequence[str | None] | None = None
    nodeNames: str | Sequence[str | None] | None = None
    checksums: str | Sequence[str | None] | None = None
    loadFiles: bool | Sequence[bool] | None = None
    customDownloader: Callable[[SampleDataSource], Any] | None = None
    thumbnailFileName: str | None = None
    loadFileTypes: Sequence[str | None] | str | None = None
    loadFileProperties: dict[str, Any] | None = None


class SampleDataLogic:
    """The two ways of registering that modules use, and download by a source's own function."""

    @staticmethod
    def registerCustomSampleDataSource(category: str = "Custom", **keywords: Any) -> None:
        """Records a source under its category.

        Raises:
            TypeError: an argument that SampleDataSource does not know.
        """
        import slicer

        source = SampleDataSource(**keywords)
        slicer.modules.sampleDataSources.setdefault(category, []).append(source)

    @staticmethod
    def registerCustomSampleDataCategory(category: str, title: str | None = None, **keywords: Any) -> None:
        """Makes a category known under a title."""
        import slicer

        slicer.modules.sampleDataSources.setdefault(category, [])

    def sourceForSampleName(self, sampleName: str) -> SampleDataSource | None:
        """The source of that name, or None."""
        import slicer

        for sources in slicer.modules.sampleDataSources.values():
            for source in sources:
                if source.sampleName == sampleName:
                    return source
        return None

    def downloadFromSource(self, source: SampleDataSource) -> Any:
        """Runs the source's customDownloader.

        Raises:
            RuntimeError: the source has none; files are not downloaded headless.
        """
        if source.customDownloader is None:
            raise RuntimeError(
                f"Sample {source.sampleName} comes from the network, which the headless host never uses."
            )
        return source.customDownloader(source)

    def downloadSample(self, sampleName: str) -> Any:
        """Runs the customDownloader of a sample by its name; a list with one entry becomes the entry.

        Raises:
            RuntimeError: there is no such sample.
        """
        source = self.sourceForSampleName(sampleName)
        if source is None:
            raise RuntimeError(f"There is no sample named {sampleName}.")
        result = self.downloadFromSource(source)
        return result[0] if isinstance(result, list) and len(result) == 1 else result


def downloadSample(sampleName: str) -> Any:
    """Runs the customDownloader of a sample by its name."""
    return SampleDataLogic().downloadSample(sampleName)


def install_sample_data() -> None:
    """Registers the module `SampleData` and `slicer.modules.sampleDataSources`."""
    import slicer

    slicer.modules.sampleDataSources = {}
    new_module(
        "SampleData",
        SampleDataLogic=SampleDataLogic,
        SampleDataSource=SampleDataSource,
        downloadSample=downloadSample,
    )
