"""Mode coverage: which objective finds every Gaussian of a ring and of a grid.

All objectives train the same two perceptrons with the same optimizer, batches and
steps; only the class, that is the losses and the penalty, differs. Collapse is as much
a matter of how the players move as of what they want. Therefore all of it is done
twice, by two published plans: WGAN-GP's (five updates of D for one of G, no momentum)
and DCGAN's (one for one, momentum 0.5).

Of 2,500 samples, one is of *high quality* when it lies within three standard deviations
of the nearest mode, and a mode is *covered* when it is the nearest to at least one such
sample: VEEGAN's measure. One stray sample in 2,500 is little, so a mode is called
*filled* here when it has a tenth of its fair share of them. The data itself fills all
modes with 98.9 % of high quality.

References: Metz et al. 2017, Unrolled Generative Adversarial Networks, 1611.02163,
section 3.1 (the ring); Srivastava et al. 2017, VEEGAN, 1705.07761, section 4.1 (the
measure).
"""

import dataclasses
import itertools
import json
import pathlib

import keras
import numpy as np
from keras import ops

import gan_zoo
from gan_zoo import backend
from gan_zoo.files import write_whole
from gan_zoo.metrics.modes import mode_coverage
from gan_zoo.networks.gan import mlp
from gan_zoo.theory import figures

TARGETS = ("ring", "grid")
SEEDS = (0, 1, 2, 3, 4)
SAMPLES, SHOWN = 2500, 400
SETTINGS = {
    "steps": {"ring": 3000, "grid": 10_000},  # of the generator
    "batch_size": 128,
    "latent_dim": 16,
    "width": 128,
    "depth": 3,
    "learning_rate": 1e-3,  # Adam's, falling to 0 along a cosine
    "clip": 0.1,  # WGAN's
    "gradient_penalty": 0.1,  # WGAN-GP's as in its authors' toy code; DRAGAN's as well
}
PLANS = {
    "WGAN-GP": {"critic_steps": 5, "beta_1": 0.0, "beta_2": 0.9},  # its Algorithm 1
    "DCGAN": {"critic_steps": 1, "beta_1": 0.5, "beta_2": 0.999},
}
OBJECTIVES = {
    "MinimaxGAN": gan_zoo.MinimaxGAN,
    "GAN": gan_zoo.GAN,
    "LSGAN": gan_zoo.LSGAN,
    "HingeGAN": gan_zoo.HingeGAN,
    "DRAGAN": gan_zoo.DRAGAN,
    "WGAN": gan_zoo.WGAN,
    "WGANGP": gan_zoo.WGANGP,
}


def train(plan, target, objective, seed, **settings):
    """Samples of a model that was trained on a target.

    Args:
        plan: one of `PLANS`.
        target: "ring" or "grid" of `gan_zoo.data.toy`.
        objective: one of `OBJECTIVES`.
        seed: integer from which weights, data and noise come.
        **settings: in place of those of `SETTINGS`.

    Returns:
        float32 array (2500, 2).
    """
    s = SETTINGS | PLANS[plan] | settings
    own = {
        "WGAN": {
            "clip": s["clip"],
            "warmup_generator_steps": 0,
            "warmup_critic_steps": s["critic_steps"],
        },
        "WGANGP": {"gradient_penalty": s["gradient_penalty"]},
        "DRAGAN": {"gradient_penalty": s["gradient_penalty"]},
    }
    size = s["width"], s["depth"]
    gan = OBJECTIVES[objective](
        (2,),
        s["latent_dim"],
        generator=mlp(s["latent_dim"], 2, *size, seed=2 * seed),
        discriminator=mlp(2, 1, *size, seed=2 * seed + 1),
        critic_steps=s["critic_steps"],
        prior="normal",
        seed=seed,
        **own.get(objective, {}),
    )
    return trained_samples(gan, target, seed, s)


def trained_samples(system, target, seed, settings):
    """Samples of a system, which is trained for them.

    Args:
        system: one of the zoo's, of points (2,), its discriminator the player "d".
        target: as of `train`.
        seed: integer from which data and the samples' noise come.
        settings: those of `SETTINGS` and of a plan; `critic_steps` counts D's updates.

    Returns:
        float32 array (2500, 2).
    """
    steps = settings["steps"][target]

    def adam(updates):
        falling = keras.optimizers.schedules.CosineDecay
        rate = falling(settings["learning_rate"], updates)
        return keras.optimizers.Adam(rate, settings["beta_1"], settings["beta_2"])

    updates = dict.fromkeys(system.players, steps)
    if "d" in updates:
        updates["d"] *= settings["critic_steps"]
    system.compile(
        **{f"{player}_optimizer": adam(count) for player, count in updates.items()},
        steps_per_execution=50,
    )
    batch_size = settings["batch_size"]
    data, _ = gan_zoo.data.toy.batches(target, batch_size, seed, start=0)
    system.fit(data, steps_per_epoch=steps, verbose=0)
    with backend.draws((seed, 0)):
        return ops.convert_to_numpy(system.sample(system.latents(SAMPLES)))


@dataclasses.dataclass(frozen=True)
class Result:
    """One training, judged by 2,500 samples.

    Attributes:
        plan: one of `PLANS`, or "" for the data itself.
        target: "ring" or "grid".
        objective: one of `OBJECTIVES`, or "data".
        seed: of the training.
        covered: modes with at least one high-quality sample.
        filled: modes with at least a tenth of their fair share of them.
        quality: share of high-quality samples.
        points: some of the samples, a list of pairs; empty but for the first seed.
    """

    plan: str
    target: str
    objective: str
    seed: int
    covered: int
    filled: int
    quality: float
    points: list

    @property
    def cell(self):
        """What tells this training from the others."""
        return self.plan, self.target, self.objective, self.seed


def judged(plan, target, objective, seed, samples):
    """`Result` of samples (n, 2)."""
    modes = gan_zoo.data.toy.modes(target)
    covered, quality = mode_coverage(samples, *modes)
    filled, _ = mode_coverage(samples, *modes, share=0.1)
    shown = samples[:SHOWN] if seed == SEEDS[0] else samples[:0]
    points = [[round(float(x), 2) for x in point] for point in shown]
    return Result(
        plan, target, objective, seed, covered, filled, round(quality, 4), points
    )


def measure(
    kept=None, objectives=tuple(OBJECTIVES), seeds=SEEDS, trained=train, **settings
):
    """Trains every objective by every plan, on every target and from every seed.

    Shows a progress bar: with the default settings it takes an hour.

    Args:
        kept: JSON file of the results, read before and written after each training, so
            that what is there is not trained again; None to keep nothing.
        objectives: names of `OBJECTIVES`.
        seeds: of the trainings.
        trained: what trains, `train` or the like of it for other names.
        **settings: in place of those of `SETTINGS`.

    Returns:
        List of `Result`, those of the data first.

    Raises:
        ValueError: when `kept` holds results of other settings.
    """
    settings = SETTINGS | settings
    there = {result.cell: result for result in _read(kept, settings)}
    cells = list(itertools.product(PLANS, TARGETS, objectives, seeds))
    missing = [cell for cell in cells if cell not in there]
    bar = keras.utils.Progbar(len(missing), unit_name="training")
    for cell in missing:
        there[cell] = judged(*cell, trained(*cell, **settings))
        _write(kept, settings, there.values())
        bar.add(1)
    data = [("", target, "data", SEEDS[0]) for target in TARGETS]
    samples = gan_zoo.data.toy.sample
    return [judged(*cell, np.asarray(samples(cell[1], SAMPLES))) for cell in data] + [
        there[cell] for cell in cells
    ]


def _read(kept, settings):
    if kept is None or not pathlib.Path(kept).exists():
        return []
    content = json.loads(pathlib.Path(kept).read_text(encoding="utf-8"))
    if content["settings"] != settings:
        raise ValueError(
            f"{kept} holds results of the settings {content['settings']}, expected "
            f"{settings}. Move it away to train anew."
        )
    return [Result(**row) for row in content["results"]]


def _write(kept, settings, results):
    if kept is None:
        return
    path = pathlib.Path(kept)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(vars(result)) for result in results)
    head = f'{{"settings": {json.dumps(settings)},\n"results": [\n'
    write_whole(path, f"{head}{rows}\n]}}\n")


@dataclasses.dataclass(frozen=True)
class Mean:
    """Means over the seeds; `covered` and `filled` with their standard deviations."""

    covered: tuple
    filled: tuple
    quality: float


def table(results):
    """Means over the seeds: dict of (plan, target, objective) to `Mean`."""
    groups = {}
    for result in results:
        groups.setdefault(result.cell[:3], []).append(result)

    def spread(values):
        return float(np.mean(values)), float(np.std(values))

    return {
        key: Mean(
            spread([result.covered for result in group]),
            spread([result.filled for result in group]),
            float(np.mean([result.quality for result in group])),
        )
        for key, group in groups.items()
    }


def told(mean):
    """A `Mean` in words: modes covered, modes filled, share of high quality."""
    return (
        f"{mean.covered[0]:.1f} ± {mean.covered[1]:.1f}, {mean.filled[0]:.1f} ± "
        f"{mean.filled[1]:.1f}, {100 * mean.quality:.0f} %"
    )


def summary(measured):
    """What was found, in one line."""
    return "modes covered, modes filled, high quality: " + "; ".join(
        f"{' '.join(filter(None, key))} {told(mean)}"
        for key, mean in table(measured).items()
    )


def draw(path, measured=None, **legend):
    """Draws samples of the first seed, and modes covered and filled over all seeds.

    Args:
        path: PNG to write.
        measured: what `measure` returned; by default it is called, and its results are
            kept beside the picture in a JSON file of the same name.
        **legend: of the bars, as matplotlib's.

    Returns:
        What was drawn.
    """
    path = pathlib.Path(path)
    measured = measured or measure(path.with_suffix(".json"))
    names = list(dict.fromkeys(result.objective for result in measured))
    rows = list(itertools.product(TARGETS, PLANS))
    figure = figures.new(10.4, 8.6)
    above, below = figure.subfigures(2, 1, height_ratios=(2.1, 1.0))
    panels = above.subplots(len(rows), len(names), squeeze=False)
    for number, (target, plan) in enumerate(rows):
        for axes, name in zip(panels[number], names, strict=True):
            _draw_points(axes, measured, plan, target, name)
            if number == 0:
                axes.set_title(_label(name), fontsize=9)
        panels[number, 0].set_ylabel(f"{target},\n{plan}'s plan", fontsize=8.5)
    columns = below.subplots(1, len(rows))
    for axes, (target, plan) in zip(columns, rows, strict=True):
        _draw_modes(axes, measured, plan, target, [n for n in names if n != "data"])
    figures.legend(columns[0], **{"loc": "center left", "fontsize": 7.5} | legend)
    figures.save(figure, path)
    return measured


def _draw_points(axes, measured, plan, target, name):
    cells = (plan, target, name), ("", target, name)
    shown = [r.points for r in measured if r.cell[:3] in cells and r.points]
    if shown:
        axes.plot(*np.array(shown[0]).T, "C0.", markersize=1.2)
    edge = 1.4 * np.abs(gan_zoo.data.toy.modes(target)[0]).max()
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge), xticks=[], yticks=[])
    axes.set_aspect("equal")


def _draw_modes(axes, measured, plan, target, names):
    means = table(measured)
    count = len(gan_zoo.data.toy.modes(target)[0])
    for place, name in enumerate(names):
        mean = means[plan, target, name]
        for what, (height, spread), color, at in (
            ("covered", mean.covered, "0.8", place - 0.2),
            ("filled", mean.filled, "C0", place + 0.2),
        ):
            axes.bar(
                at,
                height,
                width=0.4,
                yerr=spread,
                color=color,
                error_kw={"elinewidth": 0.8},
                label=None if place else what,
            )
        quality = f"{100 * mean.quality:.0f} %"
        size = 6.5 if mean.quality < 0.995 else 5.5  # "100 %" is as wide as the bars
        axes.text(place, 1.2 * count, quality, fontsize=size, color="C3", ha="center")
    axes.set_ylim(0, 1.32 * count)
    axes.axhline(count, color="0.6", linewidth=0.8, linestyle=":")
    axes.yaxis.get_major_locator().set_params(integer=True)
    labels = [_label(name) for name in names]
    axes.set_xticks(range(len(names)), labels, fontsize=7, rotation=60)
    axes.set_title(f"{target}, {plan}'s plan", fontsize=9)


def _label(name):
    return name.replace(", ", ",\n")
