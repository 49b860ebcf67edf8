"""Comparison: ways to train compared fairly, each tuned, on common seeds, with verdicts that say how sure they are."""

from trainwell.comparison.compare import check, compare, compare_on
from trainwell.comparison.paper import paper_table
from trainwell.comparison.result import Across, Comparison, Comparisons, Pair, Summary, Tuning
from trainwell.comparison.tables import export
from trainwell.comparison.terms import Terms, default_recipe
from trainwell.comparison.watching import ComparisonWatcher
from trainwell.training import Contender, contenders_of

__all__ = [
    "Across",
    "Comparison",
    "ComparisonWatcher",
    "Comparisons",
    "Contender",
    "Pair",
    "Summary",
    "Terms",
    "Tuning",
    "check",
    "compare",
    "compare_on",
    "contenders_of",
    "default_recipe",
    "export",
    "paper_table",
]
