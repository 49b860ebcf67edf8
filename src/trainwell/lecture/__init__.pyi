from .errors import LectureError as LectureError
from .examining import examine as examine
from .experiment import (
    Chart as Chart,
    Curve as Curve,
    Finding as Finding,
    Measured as Measured,
    Part as Part,
    Size as Size,
    Statement as Statement,
    Verdict as Verdict,
)
from .registry import STATEMENTS as STATEMENTS, statement as statement
