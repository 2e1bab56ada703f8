"""The slow twin: the whole day in plain Python, written from docs/model.md and from nothing else.

It is meant to be read beside the page, section by section, and to be right rather than fast. The engine has to give
the same integers exactly and the same real numbers to 1e-6.
"""
