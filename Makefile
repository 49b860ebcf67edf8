# Two commands on a fresh machine: `make demo` and `make test`. Both set up .venv by themselves.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test test-fast soak check bench docs clean

demo: $(VENV)/.installed
	$(BIN)/trainwell tune digits --out runs/demo-$$(date +%Y%m%d-%H%M%S)

test: $(VENV)/.installed
	$(BIN)/python -m pytest -n 2 --dist worksteal

# For every edit: what neither trains nor compiles for long, without processes and browsers.
test-fast: $(VENV)/.installed
	$(BIN)/python -m pytest tests -n 2 --dist worksteal -m "not slow"

# Repeated kills, everything that the system may refuse, all seeds of a reference, and mutated inputs.
soak: $(VENV)/.installed
	$(BIN)/python -m pytest tests/soak/soak_kills.py tests/soak/soak_seeds.py tests/soak/soak_gallery.py
	$(BIN)/python tests/fuzz/run.py --inputs 2000

check: $(VENV)/.installed-check
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-bench
	$(BIN)/python benchmarks/run.py

docs: $(VENV)/.installed-docs
	$(BIN)/pdoc --docformat google --output-directory build/docs trainwell $(addprefix trainwell.,core data nn optim statistics display training models landscape search comparison report lecture)
	set -e; for page in glossary lecture results; do { echo '<!DOCTYPE html><meta charset="utf-8">'; \
		sed -E -e 's/\((glossary|lecture)\.md/(\1.html/g' -e 's|\(\.\./|(../../|g' docs/$$page.md | $(BIN)/python -m markdown2 -x tables,header-ids; \
	} > build/docs/$$page.html; done

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(VENV)/.installed-check: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[check]'
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

clean:
	rm -rf $(VENV) build src/trainwell.egg-info
