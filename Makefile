# `make demo` and `make test` are the two commands a newcomer needs; both call `setup`.
PYTHON ?= python3
VENV ?= .venv
FACTORY ?= .venv-factory
HOMEASSISTANT ?= .venv-homeassistant
# People see what takes long; a log does not need it.
PIP = $(VENV)/bin/python -m pip install --disable-pip-version-check $(if $(CI),--quiet)

.PHONY: setup demo bundle test-image test factory homeassistant image image-locks deb install apt clean

setup: $(VENV)/.base

$(VENV)/.base: pyproject.toml
	@echo "==> creating $(VENV) and installing Hearthgate (a few minutes the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: apt install python3-venv"; exit 1; }
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.base
	@echo "==> installing what the tests need"
	$(PIP) --editable '.[dev]'
	@touch $@

# Trains, quantises and measures models; TensorFlow takes 2.7 GB and two to three minutes.
factory: $(FACTORY)/.ready

$(FACTORY)/.ready: pyproject.toml services/factory/requirements.txt
	@echo "==> creating $(FACTORY) for the model factory"
	@$(PYTHON) -m venv $(FACTORY)
	$(FACTORY)/bin/python -m pip install --disable-pip-version-check $(if $(CI),--quiet) --editable . \
		--requirement services/factory/requirements.txt
	@touch $@

# A real Home Assistant for tests/integration/test_homeassistant_core.py, some 900 MB: only where somebody asks for it.
homeassistant: $(HOMEASSISTANT)/.ready

$(HOMEASSISTANT)/.ready: tests/integration/homeassistant-core.txt tests/integration/homeassistant-more.txt
	@echo "==> creating $(HOMEASSISTANT) with a Home Assistant of its own (ten minutes or more)"
	@$(PYTHON) -m venv $(HOMEASSISTANT)
	$(HOMEASSISTANT)/bin/python -m pip install --disable-pip-version-check $(if $(CI),--quiet) \
		--requirement tests/integration/homeassistant-core.txt
	$(HOMEASSISTANT)/bin/python -m pip install --disable-pip-version-check $(if $(CI),--quiet) \
		--requirement tests/integration/homeassistant-more.txt \
		--constraint $$($(HOMEASSISTANT)/bin/python -c 'import homeassistant as h; print(*h.__path__)')/package_constraints.txt
	@touch $@

demo: setup
	@$(VENV)/bin/hearthgate demo

# The flashable image: make image BOARD=rpi, as root; FAST=1 for tests, TEST=1 with their agent in it. See docs/image.md.
BOARD ?= x86_64
OUT ?= build/image
PYTHON_OF_THE_IMAGE ?= python3.13
IMAGER = PYTHONPATH=.:image-build

image: setup
	@$(IMAGER) $(VENV)/bin/python -m imager --board $(BOARD) --out $(OUT) $(if $(FAST),--fast) $(if $(TEST),--test) \
		$(if $(VERSION),--version $(VERSION)) $(if $(EXTRA),--extra $(EXTRA))

# The exact wheels of the image, from pyproject.toml; under the image's version of Python, as pip asks for.
image-locks:
	@$(IMAGER) $(PYTHON_OF_THE_IMAGE) -m imager.locks

# A signed update of the image in $(OUT): RAUC_CERT, RAUC_KEY and RAUC_KEYRING say who signs, see docs/updates.md.
ABOUT = unsquashfs -cat $(OUT)/$(BOARD)/root.squashfs usr/lib/hearthgate/image.json

bundle:
	@version=$$($(ABOUT) | sed -n 's/.*"version": "\(.*\)".*/\1/p') && image-build/rauc/bundle.sh $(BOARD) "$$version" \
		$(OUT)/$(BOARD) "$(OUT)/$(BOARD)/hearthgate-$(BOARD)-$$version.raucb"

# Boots an image in an emulated PC and updates it, as root; NIGHTLY=1 pulls its plug twenty times and boots the Pi's, too.
# KEEP=1 takes the image that the last run has built. Of what has passed the hash is kept: .ci/run asks for no more.
test-image: $(VENV)/.test
	@sh tests/install-debian-packages.sh image $(if $(NIGHTLY),nightly)
	@mkdir -p build && image-build/tested.sh >build/tested.sha256
	@$(if $(KEEP),,$(MAKE) image BOARD=x86_64 FAST=1 TEST=1 OUT=build/image-test)
	@$(if $(KEEP),,$(if $(NIGHTLY),$(MAKE) image BOARD=rpi FAST=1 TEST=1 OUT=build/image-test))
	$(VENV)/bin/python -m pytest -q -m '$(if $(NIGHTLY),image or nightly,image)' --durations=20 tests/image
	@$(if $(KEEP),,mv build/tested.sha256 image-build/tested.sha256)

# A Debian package of the gateway alone, for machines that people set up themselves: make deb ARCH=arm64. See docs/install.md.
ARCH ?= $(shell dpkg --print-architecture)

deb: setup
	@$(IMAGER) $(VENV)/bin/python -m deb --architecture $(ARCH) $(if $(VERSION),--version $(VERSION))

# This checkout becomes a service, in /opt/hearthgate, as root.
install:
	@sh image-build/deb/install.sh

apt:
	@sh tests/install-debian-packages.sh

test: apt $(VENV)/.test factory
	@$(VENV)/bin/hearthgate models pull
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m pytest -q

clean:
	rm -rf $(VENV) $(FACTORY) $(HOMEASSISTANT) build *.egg-info
