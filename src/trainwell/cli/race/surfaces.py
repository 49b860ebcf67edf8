"""The surfaces there are, for `trainwell race --list`."""

from inspect import signature
from typing import Any

from trainwell.landscape import SURFACES, shown, surface


def listed_surfaces() -> list[dict[str, Any]]:
    """Every surface: name, what is to be seen on it, start, and the numbers it can be made with."""
    return [
        {
            "name": name,
            "description": surface(name).description,
            "start": surface(name).start.tolist(),
            "numbers": {one.name: one.default for one in signature(factory).parameters.values()},
        }
        for name, factory in SURFACES.items()
    ]


def print_surfaces(*, json: bool) -> None:
    """The surfaces as a table or as one JSON object on stdout."""
    from trainwell.cli.show.output import print_json, results_console
    from trainwell.cli.show.tables import new_table

    surfaces = listed_surfaces()
    if json:
        print_json({"surfaces": surfaces})
        return
    table = new_table("surfaces")
    table.add_column("name", style="bold", no_wrap=True)
    for heading in ("what is to be seen", "start", "numbers"):
        table.add_column(heading)
    for one in surfaces:
        numbers = " ".join(f"{name}={'none' if value is None else value}" for name, value in one["numbers"].items())
        table.add_row(one["name"], one["description"], shown(one["start"]), numbers)
    results_console().print(table)
