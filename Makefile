# Newsroom's commands. `make run` and `make test` do all of their set-up themselves.
#   PYTHON  the Python to start with (3.11 or newer)      VENV  where the libraries go
#   HOST PORT  where `make run` listens                   ONLY=sqlite|postgres|browser ARGS=…  a part of `make test`

PYTHON ?= python3
VENV ?= .venv
export VENV HOST PORT

BIN = $(VENV)/bin
TEMPLATES = $$(git ls-files --cached --others --exclude-standard 'templates/*.html' '*/templates/*.html')

.PHONY: help run test lint format migrations deploy-check shell torture bench audit clean python dev

help:
	@echo "make run      set up and serve the newsroom on http://localhost:8000/"
	@echo "make test     set up and run the whole suite"
	@echo "make lint     what must hold for the code     make format   tidy it"
	@echo "make shell    Python with the models          make clean    remove what runs left behind, except your data"
	@echo "make torture  the full counts                 make bench    the figures        make audit    outside tools"

python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: apt-get install python3 python3-venv" >&2; exit 1; }

run: python
	@exec $(PYTHON) scripts/run.py

test: python
	@exec $(PYTHON) scripts/suite.py $(if $(ONLY),--only $(ONLY)) $(ARGS)

dev: python
	@$(PYTHON) scripts/suite.py --set-up

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@test -z "$(TEMPLATES)" || { echo "$(BIN)/djade --check …"; $(BIN)/djade --check --target-version 5.2 $(TEMPLATES); }
	$(BIN)/lint-imports --no-logo --no-cache

format: dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	@test -z "$(TEMPLATES)" || $(BIN)/djade --target-version 5.2 $(TEMPLATES) || true

migrations: dev
	NEWSROOM_MODE=test $(BIN)/python manage.py makemigrations --check --dry-run

# Production settings, with strong values that are thrown away.
deploy-check: dev
	@random() { $(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))"; }; \
	env -i PATH="$$PATH" HOME="$$HOME" NEWSROOM_MODE=production NEWSROOM_HOME=https://example.org \
	  SECRET_KEY="$$(random)" SEALING_KEY="$$(random)" \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

shell: dev
	@NEWSROOM_MODE=$${NEWSROOM_MODE:-demo} $(BIN)/python manage.py shell

torture: dev
	@$(BIN)/python scripts/collection.py torture

bench: dev
	@$(BIN)/python scripts/collection.py bench

audit: dev
	$(BIN)/python -m pip check
	@$(BIN)/python scripts/collection.py audit

clean:
	rm -rf .venv var/static .pytest_cache .hypothesis .ruff_cache .import_linter_cache test-results
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
