# What docs/PROTOCOL-COVERAGE.md says is proved, proved; and that the proof notices when the simulator leaves something out.

PYTHON ?= python3

.PHONY: coverage mutants

coverage:
	$(PYTHON) -m unittest discover --start-directory tests/coverage --pattern 'test_*.py'
	CARGO="$(CARGO)" $(PYTHON) tests/coverage/coverage.py

# ARGUMENTS="--only participant --at-once 8"
mutants:
	CARGO="$(CARGO)" $(PYTHON) tests/coverage/coverage.py mutants $(ARGUMENTS)
