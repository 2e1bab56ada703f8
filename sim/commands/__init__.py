"""The commands of `journey`, a file each: parse, call, show. Heavy imports stand inside the functions."""
