"""Ask for memory ahead of time: a hint to the processor that numba cannot express by itself."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_FLAG = ir.IntType(32)
_FOR_WRITING, _KEEP_NEAR, _DATA = (ir.Constant(_FLAG, value) for value in (1, 3, 1))


@intrinsic  # type: ignore[misc]
def fetch(typingctx: Any, column: Any, at: Any) -> Any:
    """Have the cache line of column[at] brought near while the program goes on. Changes nothing."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        byte = ir.IntType(8).as_pointer()
        hint = ir.FunctionType(ir.VoidType(), [byte, _FLAG, _FLAG, _FLAG])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], hint)
        builder.call(function, [builder.bitcast(builder.gep(data, [args[1]]), byte), _FOR_WRITING, _KEEP_NEAR, _DATA])
        return context.get_dummy_value()

    return types.void(column, types.intp), write
