"""Packed weights: what is lost is at most half a step, and nothing but numbers is read."""

from __future__ import annotations

import io
import json
import pickle

import numpy as np
import pytest

from DeepMedLib.models.packed import SMALLEST, NotPacked, is_stepped, pack, unpack

RNG = np.random.default_rng(71)


def state() -> dict[str, np.ndarray]:
    """A convolution with channels of very different size, one of them zero, and what else a network holds."""
    weight = RNG.normal(size=(16, 8, 3, 3)) * np.logspace(-4, 2, 16)[:, None, None, None]
    weight[3] = 0.0
    return {
        "conv.weight": weight.astype(np.float16),
        "conv.bias": RNG.normal(size=16).astype(np.float16),
        "norm.running_mean": RNG.normal(size=16).astype(np.float32) * 1e5,
        "norm.num_batches_tracked": np.array(12345, np.int64),
        "small.weight": RNG.normal(size=(4, 4)).astype(np.float32),
    }


@pytest.mark.parametrize("bits", [8, 9, 10, 13, 16])
def test_each_value_is_within_half_a_step_of_its_channel(bits: int) -> None:
    given = state()
    read = unpack(pack(given, bits))
    weight = given["conv.weight"].astype(np.float64)
    step = np.abs(weight).reshape(16, -1).max(1) / (2 ** (bits - 1) - 1)
    error = np.abs(read["conv.weight"] - weight).reshape(16, -1).max(1)
    # A float32 has 24 bits: one part in 2^23 comes on top of the half step.
    assert (error <= 0.5 * step + np.abs(weight).reshape(16, -1).max(1) * 2.0**-22).all()
    assert error.max() > 0
    assert (read["conv.weight"][3] == 0).all()


def test_the_largest_value_of_a_channel_and_its_sign_are_kept() -> None:
    weight = np.zeros((2, SMALLEST), np.float32)
    weight[0, 5], weight[0, 6], weight[1, 7] = -3.0, 1.5, 0.25
    read = unpack(pack({"w": weight}, 8))["w"]
    # Q = 127: -3 is -127 steps; 1.5 is 63.5 steps, of which rounding to even makes 64; 0.25 is 127 steps of the other.
    assert read[0, 5] == pytest.approx(-3.0, rel=1e-6)
    assert read[0, 6] == pytest.approx(64 * 3 / 127, rel=1e-6)
    assert read[1, 7] == pytest.approx(0.25, rel=1e-6)
    assert np.count_nonzero(read) == 3


def test_small_tensors_and_counters_are_kept_as_they_are() -> None:
    given = state()
    read = unpack(pack(given))
    assert list(read) == list(given)
    for name in list(given)[1:]:
        assert np.array_equal(read[name], given[name])
    assert {value.dtype for name, value in read.items() if "num_" not in name} == {np.dtype(np.float32)}
    assert read["norm.num_batches_tracked"].dtype == np.int64 and read["norm.num_batches_tracked"].shape == ()


def test_which_tensors_are_stored_in_steps() -> None:
    assert is_stepped(np.zeros((2, SMALLEST // 2), np.float16))
    assert not is_stepped(np.zeros((2, SMALLEST // 2 - 1), np.float16))
    assert not is_stepped(np.zeros(SMALLEST, np.float32))
    assert not is_stepped(np.zeros((2, SMALLEST), np.int64))


def test_the_same_weights_give_the_same_bytes_in_less_space() -> None:
    weight = {"w": RNG.normal(size=(64, 64, 3, 3)).astype(np.float16)}
    packed = pack(weight)
    assert pack(weight) == packed
    assert len(packed) < 0.7 * weight["w"].nbytes


def test_the_format_is_the_documented_one() -> None:
    """The layout read by hand, as the docstring says it."""
    weight = RNG.normal(size=(4, 300)).astype(np.float32)
    with np.load(io.BytesIO(pack({"w": weight}, 10)), allow_pickle=False) as stored:
        header = json.loads(bytes(stored["header"]))
        assert header == {
            "format": "deepmed-packed",
            "version": 1,
            "tensors": [{"name": "w", "shape": [4, 300], "bits": 10}],
        }
        bits = np.unpackbits(stored["0.trailing"])[: 2 * 1200].reshape(4, 300, 2)
        q = stored["0.leading"].astype(int) * 4 + bits[..., 0] * 2 + bits[..., 1]
        assert np.abs(q).max() == 511
        assert np.allclose(q * stored["0.step"][:, None], unpack(pack({"w": weight}, 10))["w"], rtol=1e-6, atol=0)
        assert np.array_equal(q, np.rint(weight / (np.abs(weight).max(1, keepdims=True).astype(float) / 511)))


@pytest.mark.parametrize("bits", [7, 17])
def test_bits_that_cannot_be_packed(bits: int) -> None:
    with pytest.raises(ValueError, match="8 to 16"):
        pack(state(), bits)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(value: float) -> None:
    weight = np.zeros((2, SMALLEST), np.float32)
    weight[1, 1] = value
    with pytest.raises(ValueError, match="not finite"):
        pack({"w": weight})


def changed(**entries: np.ndarray | None) -> bytes:
    """Packed weights with some entries replaced or, where None, left out."""
    with np.load(io.BytesIO(pack(state())), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays = {name: value for name, value in (arrays | entries).items() if value is not None}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def header(**changes: object) -> np.ndarray:
    record = {"format": "deepmed-packed", "version": 1, "tensors": [], **changes}
    return np.frombuffer(json.dumps(record).encode(), np.uint8)


def array_file() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    return stream.getvalue()


class Payload:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("ran",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        pickle.dumps({"w": 1}),
        pickle.dumps(Payload()),
        array_file(),
        pack(state())[:-200],
        changed(header=None),
        changed(header=np.frombuffer(b"[1", np.uint8)),
        changed(header=np.frombuffer(b"[]", np.uint8)),
        changed(header=header(version=2)),
        changed(header=header(format="other")),
        changed(header=header(tensors=[{"name": "w"}])),
        changed(header=header(tensors=[{"name": "w", "shape": [16, 8, 3, 3], "bits": 64}])),
        changed(header=header(tensors=[{"name": "w", "shape": [16, 8, 3, 4], "bits": 10}])),
        changed(**{"0.step": None}),
        changed(**{"0.step": np.ones(3, np.float32)}),
        changed(**{"0.trailing": np.zeros(1, np.uint8)}),
        changed(**{"1.plain": np.array([{"a": 1}], dtype=object)}),
    ],
)
def test_what_is_not_packed_weights_is_refused(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotPacked):
        unpack(data)
    assert "ran" not in capsys.readouterr().out
