"""Eight numbers side by side in a vector register: the type that the kernels compute with.

Mini-batches lie in memory with their examples next to each other, padded to a multiple of eight,
so whatever is done to one neuron is done to eight examples in one instruction. Left to itself,
the compiler finds this only for long loops.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.typing import signature
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, models, register_model
from numba.np.arrayobj import populate_array

WIDTH = np.uint64(8)

_INDEX = ir.IntType(32)
_FUSED = ("contract",)  # a product and a sum may become one instruction


class Lanes(types.Type):
    """Eight numbers of one dtype."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        one = manager.lookup(lanes.dtype).get_data_type()
        super().__init__(manager, lanes, ir.VectorType(one, int(WIDTH)))


def _numbers(values: list[int]) -> Any:
    return ir.Constant(ir.VectorType(_INDEX, len(values)), values)


def _spread(builder: Any, number: Any, vector: Any) -> Any:
    empty = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(empty, number, ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(first, empty, _numbers([0] * int(WIDTH)))


def _constant(vector: Any, number: float) -> Any:
    return ir.Constant(vector, [number] * int(WIDTH))


def _place(context: Any, builder: Any, array_type: Any, array: Any, at: Any, vector: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())


@intrinsic  # type: ignore[untyped-decorator]
def load(_: Any, array: Any, at: Any) -> Any:
    """The eight numbers of a contiguous array from an unsigned index on; not checked."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = context.get_value_type(sig.return_type)
        loaded = builder.load(_place(context, builder, sig.args[0], args[0], args[1], vector))
        loaded.align = context.get_abi_sizeof(vector.element)
        return loaded

    return Lanes(array.dtype)(array, at), generate


@intrinsic  # type: ignore[untyped-decorator]
def store(_: Any, array: Any, at: Any, lanes: Any) -> Any:
    """Write eight numbers into a contiguous array from an unsigned index on; not checked."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = context.get_value_type(sig.args[2])
        place = _place(context, builder, sig.args[0], args[0], args[1], vector)
        builder.store(args[2], place).align = context.get_abi_sizeof(vector.element)
        return context.get_dummy_value()

    return types.void(array, at, lanes), generate


@intrinsic  # type: ignore[untyped-decorator]
def now(_: Any, array: Any) -> Any:
    """The first element of an array as it is at this moment, whichever thread has written it."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.load_atomic(data, ordering="monotonic", align=array.dtype.bitwidth // 8)

    return array.dtype(array), generate


@intrinsic  # type: ignore[untyped-decorator]
def fill(_: Any, number: Any) -> Any:
    """The same number eight times."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, args[0], context.get_value_type(sig.return_type))

    return Lanes(number)(number), generate


@intrinsic  # type: ignore[untyped-decorator]
def like(_: Any, lanes: Any, number: Any) -> Any:
    """A number eight times, in the dtype of other lanes."""
    del number  # its type is taken for float64, to which numba makes it

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        cast = context.cast(builder, args[1], sig.args[1], sig.return_type.dtype)
        return _spread(builder, cast, context.get_value_type(sig.return_type))

    return lanes(lanes, types.float64), generate


@intrinsic  # type: ignore[untyped-decorator]
def pick(_: Any, x: Any, limit: Any, above: Any, otherwise: Any) -> Any:
    """``above`` where x > limit, else ``otherwise``, also where x is NaN."""

    def generate(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[2], args[3])

    return x(x, limit, above, otherwise), generate


@intrinsic  # type: ignore[untyped-decorator]
def nearest(_: Any, x: Any) -> Any:
    """The nearest whole numbers, for |x| below 2²⁰."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = context.get_value_type(sig.return_type)
        large = _constant(vector, _rounding(sig.return_type.dtype))
        return builder.fsub(builder.fadd(args[0], large), large)

    return x(x), generate


@intrinsic  # type: ignore[untyped-decorator]
def power_of_two(_: Any, k: Any) -> Any:
    """2ᵏ for whole k within the exponents of normal numbers, made of its bits."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        dtype = sig.return_type.dtype
        vector = context.get_value_type(sig.return_type)
        bits, mantissa, one = (32, 23, 0x3F800000)
        if dtype == types.float64:
            bits, mantissa, one = (64, 52, 0x3FF0000000000000)
        whole = ir.VectorType(ir.IntType(bits), int(WIDTH))
        # The last bits of k + large are those of k; a conversion would be undefined for NaN.
        low = builder.bitcast(builder.fadd(args[0], _constant(vector, _rounding(dtype))), whole)
        exponent = builder.shl(low, _constant(whole, mantissa))
        return builder.bitcast(builder.add(exponent, _constant(whole, one)), vector)

    return k(k), generate


@intrinsic  # type: ignore[untyped-decorator]
def total(_: Any, lanes: Any) -> Any:
    """The sum of the eight numbers."""

    def generate(_: Any, builder: Any, __: Any, args: Any) -> Any:
        left, width = args[0], int(WIDTH)
        while width > 1:
            half = width // 2
            low = builder.shuffle_vector(left, left, _numbers(list(range(half))))
            high = builder.shuffle_vector(left, left, _numbers(list(range(half, width))))
            left, width = builder.fadd(low, high), half
        return builder.extract_element(left, ir.Constant(_INDEX, 0))

    return lanes.dtype(lanes), generate


@intrinsic  # type: ignore[untyped-decorator]
def totals(_: Any, lanes: Any) -> Any:
    """The sums of eight lanes, given as a tuple, side by side."""
    # Neighbours of two lanes are added, and again, and then halves; each choice is one instruction.
    neighbours, halves = [0, 2, 8, 10, 4, 6, 12, 14], [0, 1, 2, 3, 8, 9, 10, 11]
    steps = ((neighbours, 1), (neighbours, 1), (halves, 4))

    def generate(_: Any, builder: Any, __: Any, args: Any) -> Any:
        left = [builder.extract_value(args[0], k) for k in range(int(WIDTH))]
        for places, apart in steps:
            first, second = _numbers(places), _numbers([place + apart for place in places])
            left = [
                builder.fadd(
                    builder.shuffle_vector(x, y, first), builder.shuffle_vector(x, y, second)
                )
                for x, y in zip(left[::2], left[1::2], strict=True)
            ]
        return left[0]

    return lanes[0](lanes), generate


@intrinsic  # type: ignore[untyped-decorator]
def collect(_: Any, array: Any, places: Any, further: Any) -> Any:
    """The numbers of a contiguous array so much ``further`` than eight places, given as a tuple."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        data = builder.gep(data, [args[2]])
        lanes = ir.Constant(context.get_value_type(sig.return_type), ir.Undefined)
        for k in range(int(WIDTH)):
            number = builder.load(builder.gep(data, [builder.extract_value(args[1], k)]))
            lanes = builder.insert_element(lanes, number, ir.Constant(_INDEX, k))
        return lanes

    return Lanes(array.dtype)(array, places, further), generate


@intrinsic  # type: ignore[untyped-decorator]
def uncounted(_: Any, arrays: Any) -> Any:
    """The arrays of a tuple, without counting who holds them; good while the caller does.

    Every call of a part counts its arrays up and down again, each time with a locked instruction:
    in a small network that takes twice as long as all the arithmetic.
    """

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bare = []
        for k, kind in enumerate(sig.args[0]):
            item = builder.extract_value(args[0], k)
            array = context.make_array(kind)(context, builder, item)
            array.meminfo = ir.Constant(array.meminfo.type, None)
            array.parent = ir.Constant(array.parent.type, None)
            bare.append(array._getvalue())
        return context.make_tuple(builder, sig.return_type, bare)

    return arrays(arrays), generate


@intrinsic  # type: ignore[untyped-decorator]
def matrix(_: Any, flat: Any, start: Any, rows: Any, columns: Any) -> Any:
    """A stretch of a contiguous array as (rows, columns), not counted either."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _borrowed(context, builder, sig, args[:2], args[2:])

    return types.Array(flat.dtype, 2, "C")(flat, start, rows, columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def tail(_: Any, flat: Any, start: Any) -> Any:
    """A contiguous array from an index on, not counted either."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        size = context.make_array(sig.args[0])(context, builder, args[0]).nitems
        return _borrowed(context, builder, sig, args, [builder.sub(size, args[1])])

    return types.Array(flat.dtype, 1, "C")(flat, start), generate


def _borrowed(context: Any, builder: Any, sig: Any, args: Any, shape: list[Any]) -> Any:
    """An array over the memory of another one, from an index on."""
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    size = context.get_constant(types.intp, context.get_abi_sizeof(data.type.pointee))
    strides = [size] if len(shape) == 1 else [builder.mul(shape[1], size), size]
    array = context.make_array(sig.return_type)(context, builder)
    place = builder.gep(data, [args[1]])
    populate_array(array, place, shape, strides, itemsize=size, meminfo=None)
    return array._getvalue()


def polynomial(float32: Sequence[float], float64: Sequence[float]) -> Any:
    """A function of lanes: Σ cₖxᵏ by Horner's rule, with the coefficients for the dtype."""

    @intrinsic  # type: ignore[untyped-decorator]
    def evaluate(_: Any, x: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            vector = context.get_value_type(sig.return_type)
            *rest, value = float64 if sig.return_type.dtype == types.float64 else float32
            result = _constant(vector, value)
            for coefficient in reversed(rest):
                product = builder.fmul(result, args[0], flags=_FUSED)
                result = builder.fadd(product, _constant(vector, coefficient), flags=_FUSED)
            return result

        return x(x), generate

    return evaluate


def _rounding(dtype: Any) -> float:
    """So large that adding it leaves whole numbers only."""
    return float(1.5 * 2.0 ** (52 if dtype == types.float64 else 23))


def _define(op: Any, instruction: str) -> None:
    """Let ``op`` stand for an instruction on two lanes."""

    @infer_global(op)
    class _Typing(AbstractTemplate):  # type: ignore[misc]
        def generic(self, args: Any, kws: Any) -> Any:
            assert not kws
            if len(args) == 2 and isinstance(args[0], Lanes) and args[0] == args[1]:
                return signature(args[0], *args)
            return None

    @lower_builtin(op, Lanes, Lanes)  # type: ignore[untyped-decorator]
    def lower(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args, flags=_FUSED)


_define(operator.add, "fadd")
_define(operator.sub, "fsub")
_define(operator.mul, "fmul")
_define(operator.truediv, "fdiv")
