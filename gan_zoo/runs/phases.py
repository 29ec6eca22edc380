"""The parts of a run that follow each other, each with its own data and length."""

import dataclasses
import math
import pathlib

from gan_zoo import backend, data
from gan_zoo.callbacks import (
    CollapseWarning,
    EarlyPictures,
    Interruption,
    Progress,
    RunCheckpoint,
    RunLog,
    SampleGrid,
)
from gan_zoo.callbacks.checkpoint import checkpoints
from gan_zoo.callbacks.sample_grid import check_picture
from gan_zoo.data.first_conditions import first_conditions
from gan_zoo.files import shown
from gan_zoo.models.noise_to_image.base import NoiseToImage
from gan_zoo.runs.refusal import Refusal, refusing

# Samples in the picture of an epoch.
SAMPLES = 64


@dataclasses.dataclass(frozen=True)
class Phase:
    """One part of a run: what is trained, on what data and for how long.

    A run is resumed in any phase, and at the border between two, with the numbers of
    the run that was never stopped.

    Args:
        name: name of the phase, and of its folder; None for the last one, which leaves
            its files in the run folder itself.
        epochs: number of epochs.
        model: function of the run's model to the model that is trained, such as its
            autoencoder; the run's model itself by default.
        prepare: function of the run's model, called when the phase begins, such as
            `lambda gan: gan.grow()`. A run that is taken up calls it again for each
            phase it has reached, before it loads the weights.
        compile_model: `compile_model(model, settings, steps_per_epoch, metrics,
            preset)`; by default the paper's optimizers.
        batch_size: images per batch; the settings' by default.
        image_size: side of the images; the settings' by default.
        steps_per_epoch: training steps per epoch; the settings' by default, for a phase
            before the last at most one pass over the data.
    """

    name: str | None
    epochs: int
    model: object = None
    prepare: object = None
    compile_model: object = None
    batch_size: int | None = None
    image_size: int | None = None
    steps_per_epoch: int | None = None

    def folder(self, run_dir):
        """Where the phase leaves its checkpoints and logs."""
        run_dir = pathlib.Path(run_dir)
        return run_dir if self.name is None else run_dir / "phases" / self.name

    def trained(self, model):
        """The model that the phase trains."""
        return self.model(model) if self.model else model

    def stream(self, settings, start=None):
        """Training and test data; see `data.load`.

        Raises:
            Refusal: for data that cannot be loaded.
        """
        with refusing(ValueError, OSError):
            return data.load(
                settings.dataset,
                self.batch_size or settings.batch_size,
                self.image_size or settings.image_size,
                seed=settings.seed,
                start=start,
                data_dir=settings.data_dir,
                **settings.load,
            )


class Training:
    """The phases of a run in order, from wherever its folder stands.

    Args:
        model: the run's model, built.
        phases: list of `Phase`; the last one has no name.
        settings: the run's `Settings`.
        run_dir: folder of the run.
        image_metrics: image metrics of the last phase.
        preset: passed to each `compile_model`.
        grid: `grid(folder, test, settings)` returning the `callbacks.Pictures` of the
            last phase, or None for samples.
        stop_after: stop, resumable, once this many steps were trained, or None.
        chief: whether this process writes the files.
    """

    def __init__(
        self,
        model,
        phases,
        settings,
        run_dir,
        *,
        image_metrics=(),
        preset="default",
        grid=None,
        stop_after=None,
        chief=True,
    ):
        self.model = model
        self.phases = phases
        self.settings = settings
        self.run_dir = run_dir
        self.image_metrics = list(image_metrics)
        self.preset = preset
        self.grid = grid
        self.stop_after = stop_after
        self.chief = chief
        self.seconds = 0.0
        self.epochs = 0  # of the last phase; more than asked for, where it was longer
        self.changed = False  # whether `run` trained anything

    def run(self):
        """Trains what is left of all phases.

        Raises:
            Interrupted: when the run was stopped; it can be resumed.
            Refusal: for images that cannot be drawn.
        """
        if not self.grid:
            with refusing(ValueError):
                check_picture(self.model.image_shape)
        reached = self._reached()
        for place in range(reached):
            self._begin(place)
        for place in range(reached, len(self.phases)):
            steps = self._begin(place)
            self._train(place, steps, resume=place == reached)

    def _reached(self):
        """The last phase of which there is a checkpoint, 0 where there is none."""
        places = [
            place
            for place, phase in enumerate(self.phases)
            if checkpoints(phase.folder(self.run_dir) / "checkpoints")
        ]
        return max(places, default=0)

    def _begin(self, place):
        """Prepares and compiles for a phase; returns its steps per epoch."""
        phase, last = self.phases[place], place == len(self.phases) - 1
        if phase.prepare:
            phase.prepare(self.model)
        trained = phase.trained(self.model)
        train, _ = phase.stream(self.settings)
        with refusing(ValueError, TypeError):  # such as pairs, for a model of images
            trained.batch.check(train.element_spec)
        batches = train.cardinality().numpy()
        one_pass = batches // trained.batches_per_step
        asked = self.settings.steps_per_epoch or one_pass
        steps = phase.steps_per_epoch or (asked if last else min(asked, one_pass))
        if steps < 1:
            raise Refusal(
                f"An epoch holds no training step: {batches} batches, and a step takes "
                f"{trained.batches_per_step}. Use a smaller --batch_size."
            )
        compile_model = phase.compile_model or _compile
        image_metrics = self.image_metrics if last else []
        compile_model(trained, self.settings, steps, image_metrics, self.preset)
        return steps

    def _train(self, place, steps, resume):
        phase, settings = self.phases[place], self.settings
        trained, folder = phase.trained(self.model), phase.folder(self.run_dir)
        train, test = phase.stream(settings)
        image_metrics = trained.image_metrics
        # All that earlier phases trained, so that this phase's checkpoint is enough.
        earlier = [p.trained(self.model) for p in self.phases[:place]]
        checkpoint = RunCheckpoint(
            folder / "checkpoints",
            steps,
            also=[self.model, *earlier],
            every_seconds=settings.checkpoint_seconds,
            monitor=f"val_{image_metrics[0].name}" if image_metrics else None,
            chief=self.chief,
        )
        state = checkpoint.restore(trained) if resume else None
        if state:
            self.seconds = state["seconds"]
        done = state["step"] if state else 0
        self._check_workers(trained, done)
        log = RunLog(folder, self.seconds)
        checkpoint.seconds = lambda: log.seconds
        self._announce(place, trained, steps, done)
        if place and not done:
            # The border: what the earlier phases left is saved before the first step.
            checkpoint.set_model(trained)
            checkpoint.save()
        callbacks = []
        if self.chief:
            callbacks += self._watching(phase, trained, train, test, log, steps, done)
        # After the others: what a checkpoint says is done has left its traces.
        callbacks += [checkpoint, Interruption(checkpoint, self._stop_in(place))]
        # An epoch that goes on is finished in a `fit` of the steps that it lacks.
        while done < steps * phase.epochs:
            self.changed = True
            epoch, within = divmod(done, steps)
            last = epoch + 1 if within else phase.epochs
            trained.fit(
                phase.stream(settings, done * trained.batches_per_step)[0],
                initial_epoch=epoch,
                epochs=last,
                steps_per_epoch=steps - within,
                validation_data=test if image_metrics or trained.own_metrics else None,
                callbacks=callbacks,
                verbose=0,
            )
            done = last * steps
        self.seconds = log.seconds
        self.epochs = done // steps

    def _announce(self, place, trained, steps, done):
        """Says what is trained, on what, for how long and with which pictures."""
        phase, settings = self.phases[place], self.settings
        total = steps * phase.epochs
        if done:
            at = f"{done} of {total}" if done < total else f"{done}, the last one"
            self._say(f"Resuming {shown(self.run_dir)} at step {at}.")
            return
        weights = sum(math.prod(v.shape) for v in _trainable(trained))
        what = f"{type(trained).__name__} ({weights:,} weights) on {settings.dataset}"
        if len(self.phases) > 1:
            what = f"Phase {place + 1} of {len(self.phases)}: {what}"
        rows = phase.batch_size or settings.batch_size
        self._say(f"{what}, {total:,} steps in batches of {rows}.")
        if phase.name is None:
            self._say(f"Pictures appear in {shown(self.run_dir / 'samples')}.")

    def _watching(self, phase, trained, train, test, log, steps, done):
        """Callbacks that measure, draw and print."""
        watching = []
        if phase.name is None and isinstance(trained, NoiseToImage):
            watching.append(CollapseWarning(train))
        watching.append(log)
        progress = Progress(phase.epochs, steps, done)
        if phase.name is None:
            pictures = self._pictures(self.run_dir / "samples", train, test)
            pictures.listeners.append(log.show)
            watching += [pictures, EarlyPictures(pictures, tell=progress.say)]
        return [*watching, progress]

    def _pictures(self, folder, train, test):
        if self.grid:
            return self.grid(folder, test, self.settings)
        given = first_conditions(self.model, train, SAMPLES)
        return SampleGrid(folder, SAMPLES, **given)

    def _stop_in(self, place):
        """Steps of a phase after which the run stops, or None."""
        if self.stop_after is None:
            return None
        before = [p.trained(self.model).trained_steps for p in self.phases[:place]]
        return max(self.stop_after - sum(before), 0)

    def _check_workers(self, trained, done):
        if backend.largest(trained, done) != done:
            raise ValueError(
                f"This worker's {self.run_dir} stands at step {done}, another's "
                "further on. Put the run folder on a disk that all workers share."
            )

    def _say(self, text):
        if self.chief:
            print(text, flush=True)


def _trainable(model):
    return [v for player in model.players for v in model.variables_of(player)]


def _compile(model, settings, steps_per_epoch, image_metrics, preset):
    model.compile(metrics=image_metrics)
