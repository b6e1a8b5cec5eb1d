#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. Python 3.11 or newer is needed.
set -e
apt-get update
apt-get install -y python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install "cnncalc[xlsx]"
