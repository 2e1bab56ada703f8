"""The steps of a day, one file each; their order is `DAY` in `sim/engine.py`."""
