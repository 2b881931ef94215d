# make run: starts the fleet on this machine and processes the samples. make test: the checks that a change has to pass.
CARGO ?= cargo
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
# The same packages and features for every command, so that none of them recompiles a dependency.
BUILD := --workspace --locked

.PHONY: setup build run test fmt-check lint unit chaos deny clean
.DEFAULT_GOAL := build
# Runs format check, lints and tests in this order, even with -j. Cargo uses all cores by itself.
.NOTPARALLEL:

# Installs what is missing: apt packages, libtorch.
setup:
	@scripts/setup.sh

# Release binaries into $(TARGET_DIR)/release. Excludes the test crates, which would enable the fault points used by tests.
build: setup
	$(CARGO) build $(BUILD) --exclude fleet-tests --exclude benches --exclude worker-greet --bins --release

run: build
	@$(TARGET_DIR)/release/docfleet up --data .docfleet --samples samples/documents

# Prints the slowest tests, and at the end how long each part took.
test: export PHASES := $(TARGET_DIR)/phases
test:
	@mkdir -p $(TARGET_DIR) && rm -f $(PHASES)
	@scripts/phase.sh set-up scripts/setup.sh --test
	@$(MAKE) --no-print-directory fmt-check lint unit
	@echo "== make test" && cat $(PHASES)

fmt-check:
	@scripts/phase.sh format $(CARGO) fmt --all --check

lint:
	@scripts/phase.sh lint $(CARGO) clippy $(BUILD) --all-targets -- -D warnings
	@RUSTDOCFLAGS="-D warnings" scripts/phase.sh docs $(CARGO) doc $(BUILD) --lib --no-deps

# The tests start the fleet's binaries, so these are built first. All targets are built together, so that dependencies get the
# same features and are compiled once.
unit:
	@scripts/phase.sh compile $(CARGO) build $(BUILD) --all-targets
	@scripts/phase.sh tests scripts/tests.sh $(CARGO) test $(BUILD)

# Kills and stops the fleet's processes under load for $(SECONDS) seconds, by the schedule of seed $(SEED), and checks the work.
SECONDS ?= 300
SEED ?= 1
chaos:
	@scripts/setup.sh --test
	$(CARGO) build $(BUILD) --all-targets
	@$(TARGET_DIR)/debug/chaos --seconds $(SECONDS) --seed $(SEED) --timed

# Licences, sources and bans of all dependencies.
deny:
	@scripts/deny.sh

clean:
	$(CARGO) clean
