"""All layers of ties in one table, so that one pass over those who speak goes along all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.channels.csr import PTR, Csr
from sim.plan import Plan

#: What kernels need to know of a layer that has ties.
LAYER = np.dtype(
    [
        ("what", np.uint64),  # hash of the name, for luck
        ("transmission", np.float64),  # chance that what is said reaches a tie
        ("platform", np.int64),  # index into Plan.posting_bits, -1 where people meet in person
        ("start", np.int64),  # where its entries begin in `TieTable.idx`
    ]
)


class TieTable(NamedTuple):
    """Graphs of n nodes one after the other: the close layers first, then those of platforms. T layers.

    The neighbours of node i in layer t are ``idx[s + ptr[t, i] : s + ptr[t, i + 1]]`` with s = layers[t].start.
    """

    layers: np.ndarray  # LAYER [T]
    ptr: np.ndarray  # PTR [T, n + 1]
    idx: np.ndarray  # int32 [entries of all]
    close: int  # how many are close


def side_by_side(plan: Plan, graphs: list[Csr | None]) -> tuple[list[Csr | None], TieTable]:
    """Put the graphs of a plan's layers into one table; returns them again, as parts of it (None: all meet all).

    Empties `graphs`: each is let go as soon as it is copied, so that no two copies of all ties exist.
    """
    tied = [k for k, graph in enumerate(graphs) if graph is not None]
    tied.sort(key=lambda k: bool(plan.posting_what[k] >= 0))  # stable: names stay in order
    sizes = [graph.idx.size for k in tied if (graph := graphs[k]) is not None]
    layers = np.zeros(len(tied), LAYER)
    layers["what"] = plan.layer_what[tied]
    layers["transmission"] = [plan.layers[k].transmission for k in tied]
    layers["platform"] = plan.posting_what[tied]
    layers["start"] = np.cumsum([0, *sizes])[: len(tied)]
    close = int(np.count_nonzero(layers["platform"] < 0))
    if len(tied) == 1 and (only := graphs[tied[0]]) is not None:
        return list(graphs), TieTable(layers, only.ptr[None, :], only.idx, close)
    ptr, idx = np.empty((len(tied), plan.agents + 1), PTR), np.empty(sum(sizes), np.int32)
    parts: list[Csr | None] = [None] * len(graphs)
    for row, (k, start, size) in enumerate(zip(tied, layers["start"].tolist(), sizes, strict=True)):
        parts[k] = part = Csr(ptr[row], idx[start : start + size])
        part.ptr[:], part.idx[:] = graphs[k]  # type: ignore[misc]  # there is one
        graphs[k] = None
    return parts, TieTable(layers, ptr, idx, close)
