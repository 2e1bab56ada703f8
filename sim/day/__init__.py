"""The steps of a day and the kernels they bind; their order is `DAY` in `sim/engine.py`."""
