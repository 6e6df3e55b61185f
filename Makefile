# Everything a developer runs. `make` lists the targets; each installs what it needs, once.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo chain fork test test-fork test-legacy fuzz mutate bench bench-speed sizes abi lint format clean

# The first interpreter that Ape supports and that can make an environment (Debian ships venv apart). Evaluated only when one is made.
find_python = for p in python3.12 python3.11 python3.10 python3; do \
	"$$p" -c 'import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo "$$p" && break; done
PYTHON ?= $(shell $(find_python))

# Ape and its subprocesses find the compiler and anvil on PATH (bin/anvil before npm's), and keep their data out of the user's home.
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export APE_DATA_FOLDER := $(CURDIR)/.ape

PY_FILES := ape_console_extras.py benchmarks integrations scripts tests bin/natrix
LINT := .venv-lint/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: .venv/.done node_modules/.done .build/.done ## install the locked packages and anvil into this folder, compile

demo: setup ## run the first year of the example protocol on a fork of the local mainnet
	ape run demo scenarios/first-year.yaml

chain: setup ## run a local chain with the test accounts on port 8545 (PORT=…) until Ctrl-C
	anvil --port $(or $(PORT),8545) --mnemonic "$$(sed -n 's/.*mnemonic: *//p' ape-config.yaml | tr -d '\"')"

fork: setup ## run a local mainnet with real venues on port 8545 (PORT=…) until Ctrl-C
	ape run fork --port $(or $(PORT),8545)

test: setup ## run all tests, on two chains side by side
	ape test tests -n 2 --dist loadfile --no-loadscope-reorder

test-fork: setup ## run all tests on forks of the local mainnet (AID_FORK_RPC=…: of the real one)
	AID_TEST_CHAIN=fork ape test tests -n 2 --dist loadfile --no-loadscope-reorder

# The recorded gas is that of the contracts as they are deployed.
test-legacy: setup ## run the tests with every contract compiled by the compiler's default pipeline
	AID_PIPELINE=legacy ape test tests --ignore tests/gas -n 2 --dist loadfile --no-loadscope-reorder

fuzz: setup ## run the state machines, the property tests and the pool's twins for long
	AID_FUZZ=long ape test tests/stateful tests/differential tests/simulation tests/pool tests/aid tests/staking tests/credit tests/economics -s

# E.g. ARGS="run --sample 60 --workers 2 --files 'contracts/pool/*.vy'"; verdicts on record are kept, so it may be stopped at any time.
mutate: setup ## let the tests look at wrong contracts, record what came of each (ARGS=…)
	.venv/bin/python -m tests.mutation $(ARGS)

bench: setup ## measure gas and rewrite the recorded figures
	AID_BENCH=update ape test tests/gas

sizes: setup ## measure the contracts' code and rewrite the recorded figures
	AID_BENCH=update ape test tests/gas/test_sizes.py

# Without curvesim there is nothing to compare with, and the recorded figures stay.
bench-speed: .venv/.done ## measure the pool simulators next to curvesim and rewrite the recorded figures
	-@$(MAKE) --no-print-directory -s .venv-curvesim/.done || echo "curvesim cannot be installed here: measuring without it"
	.venv/bin/python benchmarks/throughput.py

abi: setup ## write the ABIs of the deployable contracts
	ape run abi

lint: setup .venv-lint/.done ## check style, types and contracts
	$(LINT)/ruff check $(PY_FILES)
	$(LINT)/ruff format --check $(PY_FILES)
	$(LINT)/mypy --strict --python-executable .venv/bin/python integrations
	$(LINT)/mamushi -l 100 --check contracts
	$(LINT)/python bin/natrix lint contracts

format: .venv-lint/.done ## rewrite Python and Vyper files in the project's style
	$(LINT)/ruff check --fix $(PY_FILES)
	$(LINT)/ruff format $(PY_FILES)
	$(LINT)/mamushi -q -l 100 contracts

clean: ## remove build artefacts and environments
	rm -rf .venv .venv-lint .venv-curvesim node_modules .ape .build .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(1): environment. An existing one is updated in place; a broken one (its interpreter is gone) is made anew.
define make_env
	@[ -x $(1)/bin/python ] || [ -n "$(PYTHON)" ] || { echo "needs Python 3.10, 3.11 or 3.12 with its venv module (or: make PYTHON=/path/to/python)" >&2; exit 1; }
	@[ -x $(1)/bin/python ] || $(PYTHON) -m venv --clear $(1)
	$(1)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
endef

# Installed as editable, for Ape takes the project's folder off sys.path when it has loaded a script. With the link to bin/anvil, activating
# .venv is enough to run ape by hand.
.venv/.done: requirements.lock
	$(call make_env,.venv)
	.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@ln -sf ../../bin/anvil .venv/bin/anvil
	@touch $@

.venv-lint/.done: requirements-lint.lock
	$(call make_env,.venv-lint)
	@touch $@

.venv-curvesim/.done: requirements-curvesim.lock
	$(call make_env,.venv-curvesim)
	@touch $@

# Ape itself would keep old bytecode of contracts whose modules have changed.
.build/.done: .venv/.done $(shell find contracts -name '*.vy*') integrations/protocol/artifacts.py
	.venv/bin/python -c "import ape; from integrations.protocol.artifacts import compile_project as c; c(ape.project)"
	@touch $@

# On a platform without the anvil package npm installs nothing, not even the folder; bin/anvil then says what to do.
node_modules/.done: package.json package-lock.json .npmrc
	@node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null || { echo "needs Node 20 or newer (found: $$(node --version 2>/dev/null || echo none))" >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund
	@mkdir -p node_modules && touch $@
