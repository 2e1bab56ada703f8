"""Time to draw a layer of ties, mean degree 10. Compilation is not counted: a small graph is drawn first.

`JOURNEY_BENCH_SMALL=1` shrinks the graphs.
"""

import os

import numpy as np
import pytest

from sim.channels.ties import build_layer
from sim.scenario.talk import Ties

SIZES = [20_000] if os.environ.get("JOURNEY_BENCH_SMALL") == "1" else [100_000, 1_000_000]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", ["small_world", "power_law", "communities"])
def test_build_layer(benchmark, kind, n):
    layer = Ties(name="friends", kind=kind, mean_degree=10)
    persona = (np.arange(n) % 6).astype(np.uint8)
    build_layer(layer, n=1000, seed=1, members=np.arange(1000, dtype=np.int32), persona=persona[:1000])
    members = np.arange(n, dtype=np.int32)
    graph = benchmark.pedantic(
        build_layer, args=(layer,), kwargs={"n": n, "seed": 1, "members": members, "persona": persona}, rounds=5
    )
    assert graph.degrees.mean() == pytest.approx(10, rel=0.01)
