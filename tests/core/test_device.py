from __future__ import annotations

import threading

import pytest
import torch

from explorer.core.device import choose_device, device_title
from explorer.core.experiment import ExperimentError


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch):
    """Make torch report other devices than this machine has."""

    def report(*, cuda: bool, mps: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return report


@pytest.mark.parametrize(
    ("cuda", "mps", "dtype", "chosen"),
    [
        (False, False, "float32", "cpu"),
        (True, False, "float32", "cuda"),
        (False, True, "float32", "mps"),
        (True, True, "float32", "cuda"),
        (True, True, "float64", "cuda"),
        (False, True, "float64", "cpu"),  # MPS has no float64
    ],
)
def test_auto_takes_an_accelerator_that_has_the_dtype(
    reported, cuda: bool, mps: bool, dtype, chosen: str
) -> None:
    reported(cuda=cuda, mps=mps)
    assert choose_device("auto", dtype).type == chosen


@pytest.mark.parametrize("wanted", ["cpu", "cuda", "mps"])
def test_a_named_device_is_insisted_on(reported, wanted) -> None:
    reported(cuda=True, mps=True)
    assert choose_device(wanted, "float32").type == wanted


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_a_named_device_that_is_not_there_is_an_error(reported, wanted) -> None:
    reported(cuda=wanted != "cuda", mps=wanted != "mps")
    with pytest.raises(ExperimentError) as refused:
        choose_device(wanted, "float32")
    assert str(refused.value) == f"$.device: torch reports no {wanted} device on this machine"


def test_float64_on_mps_is_an_error(reported) -> None:
    reported(cuda=False, mps=True)
    with pytest.raises(ExperimentError, match=r"^\$\.dtype: float64 is not available on mps$"):
        choose_device("mps", "float64")


def test_one_thread_sums_in_one_order() -> None:
    choose_device("cpu", "float32")
    assert torch.get_num_threads() == 1


def test_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    assert device_title(torch.device("cpu")) == "CPU"
    assert device_title(torch.device("mps")) == "MPS"
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H200")
    assert device_title(torch.device("cuda")) == "CUDA · NVIDIA H200"


def test_every_thread_that_computes_has_one_torch_thread() -> None:
    """torch keeps the number for each thread; two sum in another order than one."""
    found: list[int] = []

    def compute() -> None:
        torch.set_num_threads(2)
        choose_device("cpu", "float32")
        found.append(torch.get_num_threads())

    torch.set_num_threads(2)  # as it was before anything was settled
    for _ in range(2):
        thread = threading.Thread(target=compute)
        thread.start()
        thread.join()
    choose_device("cpu", "float32")
    found.append(torch.get_num_threads())
    assert found == [1, 1, 1]
