"""How the kernels are compiled: cached, without the GIL, and with how much freedom in sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

# NaN and infinity keep their meaning everywhere: so an update that diverged is found out.
_FUSED = {"contract"}
_ANY_ORDER = {"nsz", "arcp", "contract", "reassoc"}


def part_of_kernel(function: F) -> F:
    """Compile a function into the kernels that call it, its operations in the order written."""
    return _inlined(function, _FUSED)


def summed_in_any_order(function: F) -> F:
    """Compile a part of a kernel whose loops may be cut into lanes, and so their sums."""
    return _inlined(function, _ANY_ORDER)


def _inlined(function: F, fastmath: set[str]) -> F:
    # Left to itself, LLVM calls what is long, and hands eight lanes over through memory.
    options = {"error_model": "numpy", "nogil": True, "forceinline": True}
    # Nothing but kernels calls a part; ways in for others take a fifth of the time to compile.
    options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(F, njit(fastmath=fastmath, **options)(function))


def kernel(function: F) -> F:
    """Compile a kernel that Python calls, lazily, and keep it for the next start.

    Numba keeps it beside the source or else in the user's folder for caches. Where neither can be
    written, it is compiled at every start.
    """
    options = {"error_model": "numpy", "nogil": True}
    try:
        return cast(F, njit(cache=True, **options)(function))
    except RuntimeError:  # "cannot cache function: no locator available"
        return cast(F, njit(**options)(function))
