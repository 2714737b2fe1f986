#!/usr/bin/env bash
# Compiles contracts/ with forge and npm's solc: what the stories deploy. Offline; quick when nothing changed.
source "$(dirname "$0")/lib/common.sh"
forge build
