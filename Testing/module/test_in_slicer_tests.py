"""The tests that ctest runs inside Slicer also pass in the headless host."""

from __future__ import annotations

import importlib.util
import unittest
from pathlib import Path
from typing import Any


def test_in_slicer_tests_pass(repositoryRoot: Path, slicerScene: Any) -> None:
    from deepmed_headless import load_named

    path = repositoryRoot / "Testing" / "slicer" / "DeepMedInSlicerTest.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    for name in tests.MODULES:
        load_named(name)
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromModule(tests).run(result)
    assert result.testsRun >= 8
    assert not result.skipped
    assert [message for _, message in (*result.failures, *result.errors)] == []
