"""docs/metrics.md lists the metrics of the package."""

import re

import pytest
from testing import ROOT

from gan_zoo import callbacks, metrics

PAGE = (ROOT / "docs" / "metrics.md").read_text()
LISTS = PAGE.split("## List of metrics")[1].split("\n## ")[0]
FIRST_CELLS = re.findall(r"^\| (`.+?`) \|", LISTS, flags=re.M)
NAMES = re.findall(r"`(\w+)", " ".join(FIRST_CELLS))


def test_the_tables_were_read():
    assert len(NAMES) > 20
    assert {"FrechetDistance", "path_length"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_names_on_the_page_exist(name):
    assert hasattr(metrics, name) or hasattr(callbacks, name)


def test_every_metric_is_on_the_page():
    for name in metrics.__all__:
        thing = getattr(metrics, name)
        base = name in ("ImageMetric", "SampleMetric", "FeatureSampleMetric")
        if isinstance(thing, type) and issubclass(thing, metrics.ImageMetric):
            assert base or f"`{name}`" in PAGE


@pytest.mark.parametrize(
    ("metric", "names"),
    [
        (metrics.KernelDistance, ("kernel_F", "kernel_F_std")),
        (metrics.PrecisionRecall, ("precision_F", "recall_F")),
        (metrics.DensityCoverage, ("density_F", "coverage_F")),
        (metrics.KernelTest, ("mmd2_F", "mmd_p_F")),
        (metrics.SlicedWasserstein, ("swd_F",)),
    ],
)
def test_the_page_has_the_names_in_the_logs(metric, names):
    assert metric("mnist").result_names == tuple(
        n.replace("_F", "_mnist") for n in names
    )
    assert f"| `{metric.__name__}` | " + ", ".join(f"`{n}`" for n in names) in PAGE
