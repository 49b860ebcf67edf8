from .book import (
    BOOK as BOOK,
    BookData as BookData,
    Run as Run,
    Setting as Setting,
    random_trials as random_trials,
)
from .contents import CONTENTS as CONTENTS
from .errors.error import DocumentError as DocumentError
from .errors.registry import DOCUMENT_ERRORS as DOCUMENT_ERRORS
from .experiment import (
    Chart as Chart,
    Criterion as Criterion,
    Curve as Curve,
    Finding as Finding,
    LectureError as LectureError,
    Measured as Measured,
    Part as Part,
    Size as Size,
    Verdict as Verdict,
)
from .figures.figure import Content as Content, Figure as Figure, Series as Series
from .figures.making import Made as Made, View as View, make_figures as make_figures
from .figures.registry import FIGURES as FIGURES
from .findings import (
    finding_json as finding_json,
    finding_of as finding_of,
    keep_finding as keep_finding,
    read_finding as read_finding,
)
from .registry import STATEMENTS as STATEMENTS, examine as examine, is_built as is_built, statement as statement
from .statements.statement import Design as Design, Setup as Setup, Statement as Statement
