"""The lecture: its statements, each as an experiment."""

from trainwell.lecture.errors import LectureError
from trainwell.lecture.examine import examine
from trainwell.lecture.registry import STATEMENTS, statement
from trainwell.lecture.statement import Chart, Curve, Finding, Measured, Part, Size, Statement, Verdict

__all__ = [
    "STATEMENTS",
    "Chart",
    "Curve",
    "Finding",
    "LectureError",
    "Measured",
    "Part",
    "Size",
    "Statement",
    "Verdict",
    "examine",
    "statement",
]
