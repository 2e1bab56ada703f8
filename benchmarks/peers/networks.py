"""Draws one network: `python -m benchmarks.peers.networks PATH AGENTS`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.peers.task import write_network

if __name__ == "__main__":
    write_network(Path(sys.argv[1]), int(sys.argv[2]))
