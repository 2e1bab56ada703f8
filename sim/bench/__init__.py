"""How fast a run is on this machine, and how fast it could be: for `journey bench`.

`limits.py` measures what the machine can do, `work.py` declares what each step of the day cannot do without,
`stopwatch.py` times the steps of a run, `memory.py` counts bytes; `bench.py` puts them together.
"""
