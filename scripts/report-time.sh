#!/usr/bin/env bash
# Runs a test binary so that it tells how long each test took. libtest holds that back for nightly toolchains; the variable is
# set for this process alone, because cargo compiles everything anew where it sees it.
RUSTC_BOOTSTRAP=1 exec "$@" -Zunstable-options --report-time
