# Everything sets itself up: each target needs python3 (3.11), git and make, nothing else.
VENV := .venv
PYTHON ?= python3
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
PARAMS ?= conf
READY := $(VENV)/.ready
SERVERS := slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge openssh-server

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help reproduce results experiments live page params verify push pull test test-quick test-faults test-bench fuzz audit test-cluster test-browser format lock bench peers no-peers calibrate verdicts ablation modes robustness images tables setup

help:  ## this list
	@grep -hE '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 34

reproduce: $(READY)  ## run everything that is out of date (JOBS=n lanes side by side)
	@python -m aae.pipeline.reproduce --jobs $(JOBS) --params $(PARAMS)

results: $(READY)  ## the table of verdicts, as Markdown
	@python -m aae.report.results

experiments: $(READY)  ## the experiments of this commit: verdicts, and what each has changed
	@python -m aae.compare.experiments

live: $(READY)  ## losses of the trainings that run, until Ctrl-C; `dvc plots` and VS Code show them, too
	@python -m aae.pipeline.live

page: $(READY)  ## page.html: the report with revision and times, to send around
	@python -m aae.report.dated

params: $(READY)  ## compose conf/ into params.yaml
	@python -m aae.pipeline.configure

verify: $(READY)  ## read all that DVC has cached and checked out against its checksum
	@python -m aae.pipeline.integrity

push: $(READY)  ## share all results with the DVC remote (docs/sweeps.md)
	@dvc push --run-cache

pull: $(READY)  ## fetch all results from the DVC remote: nothing is left to run
	@dvc pull --run-cache

test: $(READY)  ## format check, lint, types, tests
	ruff format --check src tests
	ruff check src tests
	mypy
	pytest -n $(JOBS)

test-quick: $(READY)  ## the tests that take seconds: no DVC, no training, no thousand repeats
	pytest -n $(JOBS) tests/unit

test-faults: $(READY)  ## kills, full disks, little memory, bad inputs (root: small disks)
	pytest -n $(JOBS) tests/faults

test-bench: $(READY)  ## what `make bench` measures, on small sizes
	pytest -n $(JOBS) tests/benchmark

fuzz: $(READY)  ## fuzz the readers of tables and settings, ten minutes each (needs pip install atheris)
	@for target in tables settings; do mkdir -p .fuzz/$$target && \
	  PYTHONPATH=src python tests/fuzz/harness.py $$target -max_total_time=600 -max_len=2000 \
	    -artifact_prefix=$(CURDIR)/.fuzz/ $(CURDIR)/.fuzz/$$target $(CURDIR)/tests/fuzz/$$target || exit; done

# No weakness found is no answer where nothing can be looked up, which pip-audit passes over: first
# one is asked for that every database has.
AUDIT := .venv-audit/bin/pip-audit --disable-pip --progress-spinner off
KNOWN := jinja2==2.4.1

audit:  ## look up known weaknesses of the locked dependencies, where the network allows
	@$(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/pip install --quiet --disable-pip-version-check 'pip-audit>=2.10,<3' >.venv-audit/log 2>&1 || true
	@echo '$(KNOWN)' > .venv-audit/known.txt
	@if $(AUDIT) --no-deps --format json --requirement .venv-audit/known.txt 2>>.venv-audit/log | grep -q '"id"'; \
	then $(AUDIT) --strict --require-hashes --requirement requirements.lock; \
	else echo "not audited: the network does not allow it (the weaknesses of $(KNOWN) were not found: .venv-audit/log)"; fi

test-cluster: $(READY)  ## sweeps on a real Slurm, through SSH, on a full disk (Debian, root)
	@command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] || \
	  { echo "error: expected Debian and root, to install Slurm and sshd and start them here" >&2; exit 2; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends $(SERVERS)
	pytest -n $(JOBS) tests/cluster

BROWSER := tests/browser/node_modules/.package-lock.json

test-browser: $(READY) $(BROWSER)  ## the pages in headless Chromium: keyboard, budgets, axe-core (needs chromium, npm)
	pytest tests/browser

$(BROWSER): tests/browser/package-lock.json
	@command -v npm >/dev/null || { echo "error: expected npm (Debian: apt-get install npm)" >&2; exit 2; }
	npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund
	touch $@

format: $(READY)  ## format and fix what can be fixed
	ruff format src tests
	ruff check --fix src tests

# BENCH='--largest 1000000': 16 GB of disk; --whole: all names; --many: 500 models.
bench: $(READY)  ## how fast it is here: docs/speed.md, reports/bench.json and .png (BENCH=--help)
	@python -m aae.benchmark.bench $(BENCH)

peers: .venv-peers/.ready  ## install other packages beside, for `make bench` and `make tables` (7 GB)

.venv-peers/.ready: requirements-peers.txt
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check -r requirements-peers.txt
	touch $@

calibrate: $(READY)  ## level and power of the verdict, measured (an hour or two of one core; continues)
	@python -m aae.calibration.measure --jobs $(JOBS)

# Settings are in conf/study; started again, a study goes on. LANES may name another launcher.
LANES ?= hydra/launcher=joblib hydra.launcher.n_jobs=$(JOBS)
verdicts: STUDY = +study=verdicts,unlabelled study.replicate=0,1,2,3,4
ablation: STUDY = +study=ablation study.replicate=0,1
modes: STUDY = +study=modes study.replicate=0,1,2
robustness: STUDY = +study=robustness,wrong_labels study.replicate=0,1,2
images: STUDY = +study=images study.replicate=0,1,2
PEERS := $(shell [ .venv-peers/.ready -nt requirements-peers.txt ] && echo ,peers)
tables: STUDY = +study=tables,baselines study.replicate=0,1,2,3,4
tables: SLOWER = +study=mnist$(PEERS) study.replicate=0,1,2
tables: $(if $(PEERS),,no-peers)

no-peers:
	@echo "skipped: CTGAN, TVAE, copulas and Forest-Flow, which \`make peers\` installs" >&2

verdicts ablation modes robustness images tables: $(READY)  ## studies of the model (docs/studies.md)
	@aae sweep -m $(STUDY) $(LANES)
	@$(if $(SLOWER),aae sweep -m $(SLOWER) $(LANES))
	@python -m aae.studies.tables $@ $(STUDY) $(SLOWER)

lock: $(READY)  ## lock the dependencies of pyproject.toml with hashes
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --quiet --upgrade -o requirements.lock

setup: $(READY)  ## install the locked dependencies into .venv

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
