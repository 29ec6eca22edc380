"""Mode coverage: which objective finds every Gaussian of a ring and of a grid.

All objectives train the same two perceptrons with the same optimizer, batches and
steps. Only the class differs, that is, the losses and the penalty. Mode collapse
depends on the training schedule as well. Therefore every class is trained with two
published schedules: WGAN-GP's (five updates of D for one of G, no momentum) and DCGAN's
(one update of D for one of G, momentum 0.5).

The measure is VEEGAN's, for 2,500 samples. A sample is of *high quality* when it lies
within three standard deviations of the nearest mode. A mode is *covered* when it is the
nearest to at least one such sample. One sample in 2,500 is few. Here a mode is
therefore called *filled* when it has at least a tenth of its equal share of such
samples. The data fill all modes, with 98.9 % of high quality.

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
    "learning_rate": 1e-3,  # Adam's, with cosine decay to 0
    "clip": 0.1,  # WGAN's
    "gradient_penalty": 0.1,  # as in the toy code of WGAN-GP; also for DRAGAN
}
SCHEDULES = {
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


def train(schedule, target, objective, seed, **settings):
    """Trains a model on a target and returns samples of it.

    Args:
        schedule: one of `SCHEDULES`.
        target: "ring" or "grid" of `gan_zoo.data.toy`.
        objective: one of `OBJECTIVES`.
        seed: integer seed of the weights, the data and the noise.
        **settings: replace those of `SETTINGS`.

    Returns:
        float32 array (2500, 2).
    """
    s = SETTINGS | SCHEDULES[schedule] | settings
    class_settings = {
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
        **class_settings.get(objective, {}),
    )
    return train_and_sample(gan, target, seed, s)


def train_and_sample(system, target, seed, settings):
    """Trains a system on a target and returns samples of it.

    Args:
        system: model for points (2,). Its discriminator is the player "d".
        target: as in `train`.
        seed: integer seed of the data and of the samples' noise.
        settings: the settings of `SETTINGS` and of a schedule. `critic_steps` is the
            number of updates of D in each step.

    Returns:
        float32 array (2500, 2).
    """
    steps = settings["steps"][target]

    def adam(updates):
        decay = keras.optimizers.schedules.CosineDecay
        rate = decay(settings["learning_rate"], updates)
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
    """Measures of one training, from 2,500 samples.

    Attributes:
        schedule: one of `SCHEDULES`, or "" for the data itself.
        target: "ring" or "grid".
        objective: one of `OBJECTIVES`, or "data".
        seed: of the training.
        covered: modes with at least one high-quality sample.
        filled: modes with at least a tenth of their equal share of such samples.
        quality: share of high-quality samples.
        points: list of some samples, as pairs; empty except for the first seed.
    """

    schedule: str
    target: str
    objective: str
    seed: int
    covered: int
    filled: int
    quality: float
    points: list

    @property
    def key(self):
        """The values that identify this training."""
        return self.schedule, self.target, self.objective, self.seed


def evaluate(schedule, target, objective, seed, samples):
    """The `Result` of samples (n, 2)."""
    modes = gan_zoo.data.toy.modes(target)
    covered, quality = mode_coverage(samples, *modes)
    filled, _ = mode_coverage(samples, *modes, share=0.1)
    shown = samples[:SHOWN] if seed == SEEDS[0] else samples[:0]
    points = [[round(float(x), 2) for x in point] for point in shown]
    return Result(
        schedule, target, objective, seed, covered, filled, round(quality, 4), points
    )


def measure(
    path=None, objectives=tuple(OBJECTIVES), seeds=SEEDS, train_fn=train, **settings
):
    """Trains every objective with every schedule, on every target, for every seed.

    Shows a progress bar: with the default settings it takes an hour.

    Args:
        path: JSON file that stores the results of finished trainings, or None.
        objectives: names of `OBJECTIVES`.
        seeds: seeds of the trainings.
        train_fn: function like `train`.
        **settings: replace those of `SETTINGS`.

    Returns:
        List of `Result`. The results of the data come first.

    Raises:
        ValueError: when the file holds results of other settings.
    """
    settings = SETTINGS | settings
    done = {result.key: result for result in _read(path, settings)}
    keys = list(itertools.product(SCHEDULES, TARGETS, objectives, seeds))
    missing = [key for key in keys if key not in done]
    bar = keras.utils.Progbar(len(missing), unit_name="training")
    bar.update(0)  # the first training takes a minute
    for key in missing:
        done[key] = evaluate(*key, train_fn(*key, **settings))
        _write(path, settings, done.values())
        bar.add(1)
    data = [("", target, "data", SEEDS[0]) for target in TARGETS]
    samples = gan_zoo.data.toy.sample
    return [evaluate(*key, np.asarray(samples(key[1], SAMPLES))) for key in data] + [
        done[key] for key in keys
    ]


def _read(path, settings):
    if path is None or not pathlib.Path(path).exists():
        return []
    content = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    if content["settings"] != settings:
        raise ValueError(
            f"{path} holds results of the settings {content['settings']}, expected "
            f"{settings}. Move the file to another place to train again."
        )
    return [Result(**row) for row in content["results"]]


def _write(path, settings, results):
    if path is None:
        return
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(vars(result)) for result in results)
    head = f'{{"settings": {json.dumps(settings)},\n"results": [\n'
    write_whole(path, f"{head}{rows}\n]}}\n")


@dataclasses.dataclass(frozen=True)
class Mean:
    """Means over the seeds. `covered` and `filled` are (mean, standard deviation)."""

    covered: tuple
    filled: tuple
    quality: float


def table(results):
    """A dict from (schedule, target, objective) to the `Mean` over seeds."""
    groups = {}
    for result in results:
        groups.setdefault(result.key[:3], []).append(result)

    def mean_and_std(values):
        return float(np.mean(values)), float(np.std(values))

    return {
        key: Mean(
            mean_and_std([result.covered for result in group]),
            mean_and_std([result.filled for result in group]),
            float(np.mean([result.quality for result in group])),
        )
        for key, group in groups.items()
    }


def format_mean(mean):
    """A `Mean` as text: modes covered, modes filled, high quality."""
    return (
        f"{mean.covered[0]:.1f} ± {mean.covered[1]:.1f}, {mean.filled[0]:.1f} ± "
        f"{mean.filled[1]:.1f}, {100 * mean.quality:.0f} %"
    )


def summary(measured):
    """The results in one line."""
    return "modes covered, modes filled, high quality: " + "; ".join(
        f"{' '.join(filter(None, key))} {format_mean(mean)}"
        for key, mean in table(measured).items()
    )


def draw(path, measured=None, **legend):
    """Draws samples of the first seed, and modes covered and filled over all seeds.

    Args:
        path: PNG to write.
        measured: result of `measure`, which is called by default. Its results are then
            stored in a JSON file beside the picture.
        **legend: arguments of matplotlib's `legend`, for the bars.

    Returns:
        The results that were drawn.
    """
    path = pathlib.Path(path)
    measured = measured or measure(path.with_suffix(".json"))
    names = list(dict.fromkeys(result.objective for result in measured))
    rows = list(itertools.product(TARGETS, SCHEDULES))
    figure = figures.new(10.4, 8.6)
    above, below = figure.subfigures(2, 1, height_ratios=(2.1, 1.0))
    panels = above.subplots(len(rows), len(names), squeeze=False)
    for number, (target, schedule) in enumerate(rows):
        for axes, name in zip(panels[number], names, strict=True):
            _draw_points(axes, measured, schedule, target, name)
            if number == 0:
                axes.set_title(_label(name), fontsize=9)
        panels[number, 0].set_ylabel(f"{target},\n{schedule}'s schedule", fontsize=8.5)
    columns = below.subplots(1, len(rows))
    for axes, (target, schedule) in zip(columns, rows, strict=True):
        _draw_modes(axes, measured, schedule, target, [n for n in names if n != "data"])
    figures.legend(columns[0], **{"loc": "center left", "fontsize": 7.5} | legend)
    figures.save(figure, path)
    return measured


def _draw_points(axes, measured, schedule, target, name):
    keys = (schedule, target, name), ("", target, name)
    shown = [r.points for r in measured if r.key[:3] in keys and r.points]
    if shown:
        axes.plot(*np.array(shown[0]).T, "C0.", markersize=1.2)
    edge = 1.4 * np.abs(gan_zoo.data.toy.modes(target)[0]).max()
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge), xticks=[], yticks=[])
    axes.set_aspect("equal")


def _draw_modes(axes, measured, schedule, target, names):
    means = table(measured)
    count = len(gan_zoo.data.toy.modes(target)[0])
    for place, name in enumerate(names):
        mean = means[schedule, target, name]
        for label, (height, std), color, at in (
            ("covered", mean.covered, "0.8", place - 0.2),
            ("filled", mean.filled, "C0", place + 0.2),
        ):
            axes.bar(
                at,
                height,
                width=0.4,
                yerr=std,
                color=color,
                error_kw={"elinewidth": 0.8},
                label=None if place else label,
            )
        quality = f"{100 * mean.quality:.0f} %"
        size = 6.5 if mean.quality < 0.995 else 5.5  # "100 %" is as wide as the bars
        axes.text(place, 1.2 * count, quality, fontsize=size, color="C3", ha="center")
    axes.set_ylim(0, 1.32 * count)
    axes.axhline(count, color="0.6", linewidth=0.8, linestyle=":")
    axes.yaxis.get_major_locator().set_params(integer=True)
    labels = [_label(name) for name in names]
    axes.set_xticks(range(len(names)), labels, fontsize=7, rotation=60)
    axes.set_title(f"{target}, {schedule}'s schedule", fontsize=9)


def _label(name):
    return name.replace(", ", ",\n")
