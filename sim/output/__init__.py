"""Results on disk: one file per kind of result, and the folder they are written to."""
