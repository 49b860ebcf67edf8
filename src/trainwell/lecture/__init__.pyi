from .book import BOOK as BOOK, BookData as BookData, Run as Run, Setting as Setting
from .experiment import (
    Chart as Chart,
    Curve as Curve,
    Finding as Finding,
    LectureError as LectureError,
    Measured as Measured,
    Part as Part,
    Size as Size,
    Statement as Statement,
    Verdict as Verdict,
)
from .registry import STATEMENTS as STATEMENTS, examine as examine, statement as statement
