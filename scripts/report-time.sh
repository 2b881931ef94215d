#!/usr/bin/env bash
# Runs a test binary so that it prints the duration of each test. libtest only offers that on nightly toolchains. The variable
# is set for this process alone, because cargo recompiles everything when it changes.
RUSTC_BOOTSTRAP=1 exec "$@" -Zunstable-options --report-time
