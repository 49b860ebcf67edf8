"""What README shows runs, as it stands there; documents name what exists, and the code cites what they explain."""

import re
import shlex
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from trainwell.cli.app import COMMANDS, main
from trainwell.lecture import CONTENTS, DOCUMENT_ERRORS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SOURCE = ROOT / "src" / "trainwell"
DOCUMENTS = [
    ROOT / name
    for name in ("README.md", "CONTRIBUTING.md", *(f"docs/{one}.md" for one in ("glossary", "lecture", "results")))
]
GLOSSARY, LECTURE, _ = (file.read_text() for file in DOCUMENTS[2:])
CODE = {file: file.read_text() for file in sorted(SOURCE.rglob("*")) if file.suffix in (".py", ".pyi", ".jinja")}
ABOUT_THE_LECTURE = ("lecture", "report/gallery", "cli/lecture")
ENTRY = re.compile(r"^\| ([TFC]-[\w-]+|\d+) \|(.*)", re.MULTILINE)
ID = re.compile(r"\b(?:T-[A-Z0-9]+-\d+[a-z]?|F-(?:6|C)-\d+|C-\d\d)\b")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    from trainwell.optim import RULES

    before = dict(RULES)
    try:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102  # our own README
    finally:
        for name in RULES.keys() - before.keys():
            del RULES[name]


def test_documents_quote_figures_and_statements_word_for_word() -> None:
    in_readme, in_lecture = (
        dict(re.findall(r"^\| ([FC]-[\w-]+) \| (.*?) \|", text, re.MULTILINE)) for text in (README, LECTURE)
    )
    assert in_readme == {name: text for name, text in CONTENTS.items() if name.startswith("C-")}
    assert in_lecture == CONTENTS


def test_the_commands_run_in_their_order(forks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("trainwell ")]
    assert len(commands) >= 5
    for command in commands:
        words = shlex.split(command)[1:]
        if words[0] == "race":  # in float64, which a process has from its start on
            assert forks.run(tmp_path, words) == 0, (tmp_path / "log").read_text()
        else:
            assert main(words) == 0, command
    assert (tmp_path / "wine-predictions.csv").read_text().count("\n") > 100
    assert (tmp_path / "runs" / "compare" / "report.html").stat().st_size > 3e5  # plotly.js among it


def test_make_demo_is_the_readmes_promise() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert "trainwell tune digits --out" in makefile
    assert README.index("make demo") < README.index("make test") < 300


def outside_the_lecture() -> dict[Path, str]:
    """The code whose subject the lecture is not."""
    return {
        file: text
        for file, text in CODE.items()
        if not str(file.relative_to(SOURCE)).startswith(tuple(f"{room}/" for room in ABOUT_THE_LECTURE))
    }


def test_every_id_has_one_entry() -> None:
    counts = Counter(name for name, _ in ENTRY.findall(LECTURE))
    assert set(counts.values()) == {1}
    assert [name for name in counts if name[0] in "FC"] == list(CONTENTS)
    assert [int(name) for name in counts if name.isdigit()] == list(DOCUMENT_ERRORS)
    used = {name for text in CODE.values() for name in ID.findall(text)}
    assert len(used) > 80
    assert used <= counts.keys()


def test_an_entry_names_the_file_that_has_it() -> None:
    ids = {file: {*ID.findall(text)} for file, text in outside_the_lecture().items()}
    for name, entry in ENTRY.findall(LECTURE):
        files = [(ROOT / "docs" / path).resolve() for path in re.findall(r"\]\(([^)#]+)", entry)]
        assert files, name
        holders = [file for file, used in ids.items() if name in used]
        if name[0] in "FC":
            assert f'"{name}"' in CODE[files[0]], name
        elif holders:
            assert set(files) & set(holders), (name, holders)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_and_names_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text):
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), path
        assert not anchor or anchor in anchors(file.read_text()), (path, anchor)
    for path in re.findall(r"`((?!\S*my_)\w[\w./]*/[\w.]+\.(?:py|md|toml|json))`", text):
        assert any((folder / path).exists() for folder in (ROOT, SOURCE)), path
    for module, name in re.findall(r"`(trainwell\.\w+)\.(\w+)`", text):
        assert hasattr(import_module(module), name), (module, name)


def anchors(text: str) -> list[str]:
    """Of a document's headings, as GitHub makes them."""
    return [
        re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    ]


def test_the_glossary_is_in_order_and_has_what_is_linked_to() -> None:
    terms = re.findall(r"^### (.+)$", GLOSSARY, re.MULTILINE)
    assert len(terms) > 40
    assert [term.lower() for term in terms] == sorted({term.lower() for term in terms})
    linked = {name for text in CODE.values() for name in re.findall(r"glossary\.md#([\w-]+)", text)}
    assert linked <= set(anchors(GLOSSARY))


def test_an_id_is_a_source_and_no_explanation() -> None:
    """Outside of what is about the lecture IDs stand in the paragraph `Source:` alone, and "the book" is named."""
    for file, text in outside_the_lecture().items():
        for paragraph in re.split(r"\n\s*\n", text):
            before = paragraph.partition("Source:")[0]
            assert not ID.search(before), (file, before)
            assert not re.search(r"(?<!docs/)\b[Tt]he (lecture|book)\b|LECTURE\.md", paragraph), (file, paragraph)


def test_commands_that_documents_name_can_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in COMMANDS.values():
        monkeypatch.setattr(module, "execute", lambda *_, **__: None, raising=False)
        monkeypatch.setattr(module, "work", MagicMock(), raising=False)
    texts = [*(file.read_text() for file in DOCUMENTS), *CODE.values()]
    spans = {
        span
        for text in texts
        for span in re.findall(r"(?:`|Example: |<code>)(trainwell \w[^`\"<{\n]*)(?=[`\"<\n])", text)
    }
    called = [words for span in sorted(spans) if (words := shlex.split(re.split(r"[\[…|\\]", span)[0])[1:])]
    assert len(called) > 40
    for words in called:
        if len(words) == 1:
            assert words[0] in COMMANDS, words
        else:
            assert main(words) == 0, words
