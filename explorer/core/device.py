"""Which device a run uses, and the settings that make its numbers repeat."""

from __future__ import annotations

import os

import torch

from explorer.core.experiment import Device, Dtype, ExperimentError

# cuBLAS repeats its results only with a fixed workspace, read when CUDA starts.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def settle_torch() -> None:
    """Make torch repeat its last bits: one thread (two sum in another order), no TF32.

    The number of threads is a setting of the calling thread alone, so each one that computes has
    to be settled.
    """
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def choose_device(wanted: Device, dtype: Dtype) -> torch.device:
    """The device for an experiment: what it insists on, or the best that torch reports.

    Raises
    ------
    ExperimentError
        When the device or the dtype cannot be had here.
    """
    settle_torch()
    found = _found()
    if wanted != "auto":
        if not found[wanted]:
            raise ExperimentError(f"$.device: torch reports no {wanted} device on this machine")
        if wanted == "mps" and dtype == "float64":
            raise ExperimentError("$.dtype: float64 is not available on mps")
        return torch.device(wanted)
    if found["cuda"]:
        return torch.device("cuda")
    if found["mps"] and dtype == "float32":
        return torch.device("mps")
    return torch.device("cpu")


def _found() -> dict[Device, bool]:
    return {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }


def devices_here(dtype: Dtype) -> list[Device]:
    """Every device of this machine that has a dtype, accelerators first."""
    return [d for d, here in _found().items() if here and not (d == "mps" and dtype == "float64")]


def device_title(device: torch.device) -> str:
    """The device as shown on screen, such as ``CUDA · NVIDIA H200`` or ``CPU``."""
    if device.type == "cuda":
        return f"CUDA · {torch.cuda.get_device_name(device)}"
    return device.type.upper()
