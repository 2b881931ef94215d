# make run: everything on this machine, with the samples processed; make test: what has to pass before a change goes in.
CARGO ?= cargo
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
# One set of packages and features for every command, so that none of them compiles a dependency anew.
BUILD := --workspace --locked

.PHONY: setup build run test fmt-check lint unit chaos deny clean
.DEFAULT_GOAL := build
# Format before lints before tests, whatever -j says; cargo uses all cores by itself.
.NOTPARALLEL:

# Installs what is missing: apt packages, libtorch.
setup:
	@scripts/setup.sh

# Release binaries into $(TARGET_DIR)/release; without the tests' crates, and so without the moments at which tests kill.
build: setup
	$(CARGO) build $(BUILD) --exclude fleet-tests --exclude benches --bins --release

run: build
	@$(TARGET_DIR)/release/docfleet up --data .docfleet --samples samples/documents

# Ends with what each part took, and says before it which tests took longest.
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
	@RUSTDOCFLAGS="-D warnings" scripts/phase.sh docs $(CARGO) doc $(BUILD) --no-deps

# The tests start the fleet's own binaries, so these are built first: with all targets, as the tests need their dependencies
# with the same features, and everything is compiled once.
unit:
	@scripts/phase.sh compile $(CARGO) build $(BUILD) --all-targets
	@scripts/phase.sh tests scripts/tests.sh $(CARGO) test $(BUILD)

# Kills and stops the fleet's processes under load for $(SECONDS) seconds, as $(SEED) says, and accounts for the work.
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
