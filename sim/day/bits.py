"""Sixty-four consumers at a time: a comparison of 64 bytes becomes the bits of one number.

That is a single vector instruction (or a few, on processors with narrower ones), which numba cannot express, so three
intrinsics write it down as LLVM does: compare a vector with another, and read the resulting vector of truths as a
number. With whom something may happen today is then a matter of ``&`` and ``|`` between such numbers, and the few are
listed bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types, uint64
from numba.cpython.unsafe.numbers import trailing_zeros
from numba.extending import intrinsic

#: Consumers in one number.
WIDTH = 64
_BYTES = ir.VectorType(ir.IntType(8), WIDTH)
_NUMBER = ir.IntType(64)
#: Positions written at once; more marks than that among 64 are written one after the other.
_AT_ONCE = 4


def _sixty_four(context: Any, builder: Any, column: Any, kind: Any, at: Any) -> Any:
    """Load 64 neighbours from a column of bytes, wherever they begin."""
    data = context.make_array(kind)(context, builder, column).data
    return builder.load(builder.bitcast(builder.gep(data, [at]), _BYTES.as_pointer()), align=1)


def _all_alike(builder: Any, value: Any) -> Any:
    """A vector of 64 times the same byte."""
    unknown, nowhere = ir.Constant(_BYTES, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    alone = builder.insert_element(unknown, value, nowhere)
    return builder.shuffle_vector(alone, unknown, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))


def _comparison(sign: str) -> Any:
    """An intrinsic: bits of ``column[at : at + 64] SIGN value``, all uint8."""

    def compare(typingctx: Any, column: Any, at: Any, value: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = _sixty_four(context, builder, args[0], signature.args[0], args[1])
            return builder.bitcast(builder.icmp_unsigned(sign, found, _all_alike(builder, args[2])), _NUMBER)

        return types.uint64(column, types.intp, types.uint8), write

    return intrinsic(compare)


def _column_by_column(compare: Any) -> Any:
    """A comparison over a whole column: uint8 [K], a value, and bits uint64 [ceil(K / 64)] to write."""

    @njit
    def over(column, value, bits):
        whole = column.size // WIDTH
        for g in range(whole):
            bits[g] = compare(column, WIDTH * g, value)
        left = column.size - WIDTH * whole
        if left:
            rest = np.zeros(WIDTH, np.uint8)
            rest[:left] = column[WIDTH * whole :]
            bits[whole] = compare(rest, 0, value) & ((uint64(1) << uint64(left)) - uint64(1))

    return over


#: Whose byte is, is not, or is at most a value: (column uint8 [K], value, bits uint64 [ceil(K / 64)]). Bits are
#: written; those beyond K are 0.
equal, differs, at_most = (_column_by_column(_comparison(sign)) for sign in ("==", "!=", "<="))


@intrinsic  # type: ignore[misc]
def _ones(typingctx: Any, bits: Any) -> Any:
    """How many bits are set."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), write


@njit
def listed(bits, who):
    """Write the positions of all bits that are set into `who`, in order; returns how many.

    Parameters
    ----------
    bits : uint64 [G]
    who : integers [K]      written; what stands behind the last position has no meaning

    Four positions are written whether there are so many or not, and the next number's go over what was too much: the
    processor need not guess how many marks a number has, which it does wrongly half the time.
    """
    count = 0
    safe = who.size - _AT_ONCE
    for g in range(bits.size):
        left = bits[g]
        if left == uint64(0):
            continue
        base = WIDTH * g
        if count <= safe:
            many = _ones(left)
            for m in range(_AT_ONCE):
                who[count + m] = base + np.int64(trailing_zeros(left))
                left &= left - uint64(1)
            if many <= _AT_ONCE:
                count += many
                continue
            count += _AT_ONCE
        while left != uint64(0):
            who[count] = base + np.int64(trailing_zeros(left))
            count += 1
            left &= left - uint64(1)
    return count

