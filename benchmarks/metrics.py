"""Times metrics on features: the zoo's functions against scipy, torch-fidelity, prdc.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/metrics.py --dims=2048

All get the same features, of a decaying spectrum and in float32, and take turns; the
medians of `--rounds` turns are printed beside their ratio to the zoo's and the value.
Processor time is taken, which other work on the machine changes little; on one thread,
since threads that wait for each other use processor time, too. At last, what each
metric of the command line takes for the same features, from batches to numbers.
torch-fidelity and prdc (`pip install torch-fidelity prdc`) are left out where absent.
"""

import statistics
import time

import numpy as np
import scipy.linalg
from absl import app, flags
from keras import ops

from gan_zoo import metrics
from gan_zoo.metrics.__main__ import METRICS

FLAGS = flags.FLAGS
DIMS = flags.DEFINE_integer("dims", 2048, "Features per image.")
IMAGES = flags.DEFINE_integer("images", 4000, "Images of each side.")
ROUNDS = flags.DEFINE_integer("rounds", 3, "Turns of each competitor.")
SUBSETS = flags.DEFINE_integer("subsets", 5, "Subsets of the kernel distance.")
PARTS = ["frechet", "kernel", "neighbours", "each"]
ONLY = flags.DEFINE_multi_enum("only", PARTS, PARTS, "Parts to run.")
BATCH = 500


def features(seed):
    """Rectified, correlated features (images, dims) of a decaying spectrum."""
    draw = np.random.default_rng(seed)
    mixing = np.eye(DIMS.value) + 0.5 * draw.normal(size=(DIMS.value,) * 2) / (
        np.sqrt(DIMS.value)
    )
    deviations = np.arange(1, DIMS.value + 1) ** -0.35
    x = draw.normal(size=(IMAGES.value, DIMS.value)) * deviations @ mixing
    return np.maximum(x, -0.05).astype("float32")


def frechet(real, fake):
    """The Fréchet distance from means and covariances."""
    sides = [
        (x.mean(axis=0, dtype="float64"), np.cov(x.T.astype("float64")))
        for x in (real, fake)
    ]
    (mu1, cov1), (mu2, cov2) = sides
    between = np.sum((mu1 - mu2) ** 2) + np.trace(cov1) + np.trace(cov2)
    yield "gan_zoo", lambda: metrics.frechet_distance(mu1, cov1, mu2, cov2)
    yield (
        "scipy.linalg.sqrtm",
        lambda: between - 2 * np.trace(scipy.linalg.sqrtm(cov1 @ cov2)).real,
    )
    try:
        from torch_fidelity.metric_fid import fid_statistics_to_metric
    except ImportError:
        return
    stats = [{"mu": mu, "sigma": cov} for mu, cov in sides]
    yield (
        "torch-fidelity",
        lambda: fid_statistics_to_metric(*stats, False)["frechet_inception_distance"],
    )


def kernel(real, fake):
    """The kernel distance."""
    size = min(1000, IMAGES.value)
    yield (
        "gan_zoo",
        lambda: metrics.kernel_distances(real, fake, SUBSETS.value, size).mean(),
    )
    try:
        import torch
        from torch_fidelity.metric_kid import kid_features_to_metric
    except ImportError:
        return
    tensors = [torch.from_numpy(x.astype("float64")) for x in (real, fake)]
    yield (
        "torch-fidelity, float64",
        lambda: kid_features_to_metric(
            *tensors, kid_subsets=SUBSETS.value, kid_subset_size=size, verbose=False
        )["kernel_inception_distance_mean"],
    )


def neighbours(real, fake):
    """Precision with k = 3; recall comes with it, from prdc also density, coverage."""
    yield "gan_zoo", lambda: metrics.precision_and_recall(real, fake)[0]
    try:
        import torch
        from torch_fidelity.metric_prc import prc_features_to_metric

        # Version 0.4.0 takes the generated ones first.
        tensors = [torch.from_numpy(x) for x in (fake, real)]
        yield (
            "torch-fidelity, float32",
            lambda: prc_features_to_metric(*tensors, verbose=False)["precision"],
        )
    except ImportError:
        pass
    try:
        import prdc
    except ImportError:
        return
    yield "prdc", lambda: prdc.compute_prdc(real, fake, nearest_k=3)["precision"]


class Given:
    """Features that are the images themselves, (n, 1, 1, dims)."""

    name = "given"
    description = "given features"

    def __init__(self):
        self.dim = DIMS.value

    def __call__(self, images):
        """(n, 1, 1, dims) to (n, dims)."""
        return ops.reshape(images, (-1, self.dim))


def each(real, fake):
    """Prints the processor time of each metric that needs features alone."""
    for name, make in METRICS.items():
        if name == "classifier_score":
            continue
        metric = make(Given(), IMAGES.value)
        sides = [x[:, None, None, :] for x in (real, fake)]
        start = time.process_time()
        for first in range(0, IMAGES.value, BATCH):
            metric.update_state(*(x[first : first + BATCH] for x in sides))
        metric.result()
        print(f"{name:24} {time.process_time() - start:8.2f} s")


def main(_):
    real, fake = features(0), features(1)
    print(f"{IMAGES.value} images of {DIMS.value} features on each side")
    for competition in (frechet, kernel, neighbours):
        if competition.__name__ not in ONLY.value:
            continue
        competitors = dict(competition(real, fake))
        seconds = {name: [] for name in competitors}
        values = {}
        for _ in range(ROUNDS.value):
            for name, call in competitors.items():
                start = time.process_time()
                values[name] = call()
                seconds[name].append(time.process_time() - start)
        medians = {name: statistics.median(times) for name, times in seconds.items()}
        print(f"\n{competition.__name__}: {competition.__doc__}")
        for name, median in medians.items():
            ratio = median / medians["gan_zoo"]
            print(f"{name:24} {median:8.2f} s  x {ratio:5.2f}  {values[name]:.12g}")
    if "each" in ONLY.value:
        print(f"\neach: {each.__doc__}")
        each(real, fake)


if __name__ == "__main__":
    app.run(main)
