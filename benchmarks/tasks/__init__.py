"""What the searchers compete on."""

from tasks.network_task import NetworkTask
from tasks.networks import NETWORKS
from tasks.surfaces import SURFACES
from tasks.task import Params, Space, Task

TASKS: dict[str, Task] = {task.name: task for task in (*SURFACES, *NETWORKS)}
"""Name -> task: the surfaces, then real data."""

__all__ = ["NETWORKS", "SURFACES", "TASKS", "NetworkTask", "Params", "Space", "Task"]
