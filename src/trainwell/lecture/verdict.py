"""From parts to a verdict and a sentence.

The bounds of claims ("at most half") were set with knowledge of earlier runs: what counts are the intervals.
"""

from collections.abc import Sequence

from trainwell.lecture.experiment import Part, Verdict


def verdict_of(parts: Sequence[Part]) -> Verdict:
    """The verdict on a statement: it holds if all of its parts do, those beyond it aside.

    Returns:
        `holds` if all do, `does not hold` if none does, `not decided` where those that are decided do not settle
        which of both it is; otherwise `holds in part`.

    Raises:
        ValueError: there is no part of the statement itself.
    """
    held = [part.holds for part in parts if not part.beyond]
    if not held:
        raise ValueError("a statement needs at least one part that is not beyond it")
    if all(held):
        return "holds"
    if True in held and False in held:
        return "holds in part"
    return "not decided" if None in held else "does not hold"


def sentence_of(parts: Sequence[Part]) -> str:
    """What was found, in words: which claims of the statement hold, which do not, and which were left open."""
    said = []
    for holds, words in ((True, "It holds that"), (False, "It does not hold that"), (None, "Left open is whether")):
        claims = [part.claim for part in parts if part.holds is holds and not part.beyond]
        if claims:
            said.append(f"{words} {'; that '.join(claims) if holds is not None else '; whether '.join(claims)}.")
    return " ".join(said)
