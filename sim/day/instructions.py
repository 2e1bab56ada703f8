"""Instructions that numba cannot express: each intrinsic here writes down in LLVM's terms what is one instruction, or a
few where the processor has no vectors so wide. They change how long something takes and never what comes out.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import int64, types
from numba.cpython.unsafe.numbers import trailing_zeros
from numba.extending import intrinsic

from sim.compiled import helper

#: Consumers whose bytes are compared at once.
WIDTH = 64
#: Entries of a list between asking for the memory of one of them and needing it.
_AHEAD = 16
_BYTES = ir.VectorType(ir.IntType(8), WIDTH)
_NUMBER = ir.IntType(64)
#: Of a hint to fetch: for writing, to be kept near, data and not code.
_FOR_WRITING = tuple(ir.Constant(ir.IntType(32), value) for value in (1, 3, 1))


def _pointer(context: Any, builder: Any, column: Any, kind: Any, at: Any) -> Any:
    """Where column[at] lies."""
    return builder.gep(context.make_array(kind)(context, builder, column).data, [at])


def _all_alike(builder: Any, value: Any) -> Any:
    """A vector of 64 times the same byte."""
    unknown, nowhere = ir.Constant(_BYTES, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    alone = builder.insert_element(unknown, value, nowhere)
    return builder.shuffle_vector(alone, unknown, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))


def comparison(sign: str) -> Any:
    """An intrinsic: bits of ``column[at : at + 64] SIGN value``, all uint8."""

    def compare(typingctx: Any, column: Any, at: Any, value: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            begin = _pointer(context, builder, args[0], signature.args[0], args[1])
            found = builder.load(builder.bitcast(begin, _BYTES.as_pointer()), align=1)
            return builder.bitcast(builder.icmp_unsigned(sign, found, _all_alike(builder, args[2])), _NUMBER)

        return types.uint64(column, types.intp, types.uint8), write

    return intrinsic(compare)


def _ones_in(typingctx: Any, bits: Any) -> Any:
    """How many bits are set."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), write


ones_in: Any = intrinsic(_ones_in)
#: How many bits below the lowest that is set, uint64.
zeros_before: Any = trailing_zeros


def _fetch(typingctx: Any, column: Any, at: Any) -> Any:
    """Have the cache line of column[at] brought near while the program goes on. Changes nothing."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        begin = _pointer(context, builder, args[0], signature.args[0], args[1])
        byte = ir.IntType(8).as_pointer()
        hint = ir.FunctionType(ir.VoidType(), [byte, *(ir.IntType(32),) * 3])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], hint)
        builder.call(function, [builder.bitcast(begin, byte), *_FOR_WRITING])
        return context.get_dummy_value()

    return types.void(column, types.intp), write


fetch: Any = intrinsic(_fetch)


@helper
def ahead(entry, count):
    """Of the `count` entries of a list, the one whose memory to `fetch` while another is worked on: some way behind it.

    All at once before the first is worked on would push each other out of the nearest caches again.
    """
    return min(int64(entry) + _AHEAD, int64(count) - 1)
