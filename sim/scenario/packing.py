"""A scenario with all its files in one folder, to be run again anywhere."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from sim.scenario.scenario import Scenario


def write_scenario(scenario: Scenario, folder: Path) -> None:
    """Write scenario.toml with every default, and its edge lists beside it."""
    (folder / "scenario.toml").write_text(portable(scenario, folder).to_toml(), encoding="utf-8")


def portable(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario with its edge lists copied into the folder as ties_<name>.txt.gz and named relative to it."""
    layers = []
    for layer in scenario.ties:
        if layer.file is None:
            layers.append(layer)
            continue
        name = f"ties_{layer.name}.txt.gz"
        source = Path(layer.file)
        with source.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        if packed:
            shutil.copyfile(source, folder / name)
        else:
            with (
                source.open("rb") as file,
                (folder / name).open("wb") as raw,
                gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as out,
            ):
                shutil.copyfileobj(file, out)
        layers.append(layer.model_copy(update={"file": name}))
    return scenario.model_copy(update={"ties": layers})
