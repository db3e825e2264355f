import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items):
    """Tests that share what a module's fixture started run one after the other, where it was started; any other runs where there is room."""
    for item in items:
        if any(f.scope == "module" for found in item._fixtureinfo.name2fixturedefs.values() for f in found):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
