"""Small pictures and films with one fault each, made on the spot; all names and numbers in them are invented."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from FetalBiometryLib.phantom.head import head_phantom

HEIGHT, WIDTH = 270, 400
ULTRASOUND_UID, FILM_UID = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.1.1"


def still(seed: int = 11) -> np.ndarray:
    """(270, 400) uint8 grey phantom still."""
    return head_phantom(seed, height=HEIGHT, width=WIDTH, hc_mm=180, ruler=False).picture


def region(dx: float | None = 0.02, dy: float | None = 0.02, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Any:
    """One ultrasound region over the whole picture, with its deltas in cm."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.RegionSpatialFormat = item.RegionDataType = 1
    item.RegionFlags = item.RegionLocationMinX0 = item.RegionLocationMinY0 = 0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = size[1] - 1, size[0] - 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    if dx is not None:
        item.PhysicalDeltaX = dx
    if dy is not None:
        item.PhysicalDeltaY = dy
    return item


def dataset(pixels: np.ndarray, modality: str = "US", **tags: Any) -> Any:
    """A DICOM data set of (H, W), (H, W, 3) or (frames, H, W) whole numbers, native little endian."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = FILM_UID if modality == "DX" else ULTRASOUND_UID
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("made.dcm", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.Modality = modality
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    color = pixels.ndim == 3 and pixels.shape[2] == 3
    if pixels.ndim == 3 and not color:
        made.NumberOfFrames = len(pixels)
    made.Rows, made.Columns = pixels.shape[:2] if color or pixels.ndim == 2 else pixels.shape[1:]
    made.SamplesPerPixel = 3 if color else 1
    made.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
    if color:
        made.PlanarConfiguration = 0
    bits = 8 * pixels.dtype.itemsize
    made.BitsAllocated = made.BitsStored = bits
    made.HighBit, made.PixelRepresentation = bits - 1, int(pixels.dtype.kind == "i")
    made.PixelData = pixels.tobytes()
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    return made


def save(made: Any, path: Path) -> Path:
    """Write a data set."""
    made.save_as(path, enforce_file_format=True)
    return path


def with_padding(made: Any, value: int) -> Any:
    """The data set with PixelPaddingValue, whose VR follows the pixels'."""
    made.add_new(0x00280120, "SS" if made.PixelRepresentation else "US", value)
    return made


def jpeg(made: Any, pixels: np.ndarray, share: float = 1.0) -> Any:
    """The data set with its pixels as one baseline JPEG, cut to a share of its bytes."""
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGBaseline8Bit

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=95)
    made.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    made.PixelData = encapsulate([stream.getvalue()[: int(share * len(stream.getvalue()))]])
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    return made


def tiff(
    path: Path, array: np.ndarray, photometric: int = 1, sample_format: int = 1, tile: int = 0, orientation: int = 1
) -> Path:
    """An uncompressed little endian TIFF of (H, W) or (H, W, channels), in one strip or in square tiles."""
    height, width = array.shape[:2]
    channels = 1 if array.ndim == 2 else array.shape[2]
    chunks = [np.ascontiguousarray(array).tobytes()]
    if tile:
        chunks = []
        for y in range(0, height, tile):
            for x in range(0, width, tile):
                part = np.zeros((tile, tile, *array.shape[2:]), array.dtype)
                inside = array[y : y + tile, x : x + tile]
                part[: inside.shape[0], : inside.shape[1]] = inside
                chunks.append(part.tobytes())
    sizes = [len(chunk) for chunk in chunks]
    bits = 8 * array.dtype.itemsize
    offset, size = (324, 325) if tile else (273, 279)
    tags: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [bits] * channels),
        259: ("H", [1]),
        262: ("H", [photometric]),
        274: ("H", [orientation]),
        277: ("H", [channels]),
        339: ("H", [sample_format] * channels),
        offset: ("I", [0] * len(chunks)),
        size: ("I", sizes),
    }
    tags |= {322: ("I", [tile]), 323: ("I", [tile])} if tile else {278: ("I", [height])}
    extra_at = 8 + 2 + 12 * len(tags) + 4
    extra_size = sum(len(v) * struct.calcsize(k) for k, v in tags.values() if len(v) * struct.calcsize(k) > 4)
    starts = [extra_at + extra_size + sum(sizes[:i]) for i in range(len(chunks))]
    tags[offset] = ("I", starts)
    entries, extra = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{kind}", *values)
        if len(packed) > 4:
            field = struct.pack("<I", extra_at + len(extra))
            extra += packed
        else:
            field = packed.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, 3 if kind == "H" else 4, len(values)) + field
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    path.write_bytes(head + entries + struct.pack("<I", 0) + extra + b"".join(chunks))
    return path
