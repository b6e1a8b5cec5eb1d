#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. That needs Python 3.11 or newer, as Ubuntu 24.04 has,
# and the wheel of cnncalc beside this file.
set -e
apt-get update
apt-get install -y python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install /autograder/source/cnncalc-*.whl openpyxl
