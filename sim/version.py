"""The version, which also stands in every result."""

VERSION = "0.2.0"
