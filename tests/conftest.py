"""What every test runs under."""

import os

from hypothesis import HealthCheck, settings

# The same examples everywhere and always: a failure in CI is a failure at home. To search
# further, HYPOTHESIS_PROFILE=search draws new ones, and more of them.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile(
    "search",
    max_examples=2000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Nobody's terminal has a say in what is compared; pytest-xdist sets the width for its workers.
for variable in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(variable, None)
