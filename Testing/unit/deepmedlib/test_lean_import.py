"""MONAI without its extras still gives every network, and the extras are there afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from DeepMedLib.models.lean_import import lean_import

ROOT = Path(__file__).resolve().parents[3]


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_fresh_process_hides_the_extras_only_meanwhile() -> None:
    answer = run(
        "import sys\n"
        "from DeepMedLib.models.lean_import import lean_import\n"
        "nets = lean_import('monai.networks.nets')\n"
        "print('matplotlib' in sys.modules, 'scipy.signal' in sys.modules)\n"
        "import matplotlib, scipy.signal\n"
        "print(nets.UNet.__name__, scipy.signal.find_peaks.__name__)\n"
    )
    assert answer.split("\n") == ["False False", "UNet find_peaks"]


def test_every_known_network_layer_and_transform_is_there() -> None:
    answer = run(
        "from DeepMedLib.models.lean_import import lean_import\n"
        "from DeepMedLib.models.network_config import NETWORKS, TRANSFORMS\n"
        "nets, transforms = lean_import('monai.networks.nets'), lean_import('monai.transforms')\n"
        "print(sorted(n for n in NETWORKS if not hasattr(nets, n)), "
        "sorted(n for n in TRANSFORMS if not hasattr(transforms, n)))\n"
    )
    plain = run(
        "from DeepMedLib.models.network_config import NETWORKS, TRANSFORMS\n"
        "import monai.networks.nets as nets, monai.transforms as transforms\n"
        "print(sorted(n for n in NETWORKS if not hasattr(nets, n)), "
        "sorted(n for n in TRANSFORMS if not hasattr(transforms, n)))\n"
    )
    assert answer == plain


def test_other_modules_are_imported_as_ever() -> None:
    assert lean_import("json").__name__ == "json"
    with pytest.raises(ImportError):
        lean_import("no_such_module_anywhere")
