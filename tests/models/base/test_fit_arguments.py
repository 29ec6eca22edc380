import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE
from models.systems import SYSTEMS

import gan_zoo

IMAGES = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")


def batches(images=IMAGES):
    return tf.data.Dataset.from_tensor_slices(images).batch(4)


def measured():
    model = SYSTEMS["GAN"].tiny()
    metric = gan_zoo.metrics.SlicedWasserstein(max_images=4)
    model.compile(metrics=[metric], run_eagerly=True)
    return model


COUNTS = [0, -3, 2.5, "4"]
REFUSED = [
    *[("batch_size", value, "integer of at least 1") for value in COUNTS],
    *[("epochs", value, "integer of at least 1") for value in (*COUNTS, None)],
    *[("steps_per_epoch", value, "integer of at least 1") for value in COUNTS],
    *[("initial_epoch", value, "integer of at least 0") for value in (-1, 0.5)],
    *[("validation_split", value, r"in \[0, 1\)") for value in (2, 1, -0.1, "a", None)],
    *[("validation_freq", value, "int of at least 1") for value in (0, 1.5, [], [0])],
    ("shuffle", "batch", "True or False"),
    ("initial_epoch", 2, "epochs of at least initial_epoch=2, got 1"),
    ("steps_per_epoch", 2, "at most 1, the steps that the data hold, got 2"),
    *[("verbose", value, "'auto', 0, 1 or 2") for value in ("loud", 3, None)],
    ("callbacks", "x", "Callback objects, got 'x'"),
    ("callbacks", [[keras.callbacks.EarlyStopping]], "Callback objects, got <class"),
    ("validation_steps", 2, "beside validation_steps, got neither"),
    ("validation_batch_size", 2, "beside validation_batch_size, got neither"),
    ("validation_freq", 2, "beside validation_freq, got neither"),
]


@pytest.mark.parametrize(("name", "value", "message"), REFUSED)
def test_arguments_of_fit_out_of_range_or_without_use_are_refused(name, value, message):
    model = measured()
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        model.fit(IMAGES, **{"verbose": 0, name: value})
    assert name in str(caught.value)
    assert model.trained_steps == 0


@pytest.mark.parametrize("name", ["validation_steps", "validation_batch_size"])
@pytest.mark.parametrize("value", COUNTS)
def test_numbers_of_the_validation_are_at_least_one(name, value):
    model = measured()
    with pytest.raises(
        ValueError, match=f"Expected {name} to be an integer of at leas"
    ):
        model.fit(IMAGES, validation_data=IMAGES, verbose=0, **{name: value})
    assert model.trained_steps == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 4}, r"no batch_size beside a data set.*ds\.unbatch\(\)"),
        ({"validation_split": 0.5}, r"Split the data set: fit\(ds\.skip\(10\)"),
        (
            {"validation_data": batches(), "validation_batch_size": 4},
            "no validation_batch_size beside a data set",
        ),
    ],
)
def test_arguments_for_arrays_are_refused_beside_a_data_set(options, message):
    model = measured()
    with pytest.raises(ValueError, match=message):
        model.fit(batches(), verbose=0, **options)
    assert model.trained_steps == 0


def test_one_way_of_validation_is_given():
    with pytest.raises(ValueError, match="got both"):
        measured().fit(IMAGES, validation_data=IMAGES, validation_split=0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *[
            ({"steps": value}, "steps to be an integer of at least 1")
            for value in COUNTS
        ],
        *[({"batch_size": value}, "batch_size to be an integer") for value in COUNTS],
        ({"callbacks": ["x"]}, "Callback objects, got 'x'"),
        ({"verbose": "loud"}, "'auto', 0, 1 or 2"),
        ({"x": batches(), "steps": 3}, "steps of at most 2, the steps that the data"),
        ({"x": batches(), "batch_size": 4}, "no batch_size beside a data set"),
    ],
)
def test_arguments_of_evaluate_are_checked_alike(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        measured().evaluate(**({"x": IMAGES, "verbose": 0} | options))


@pytest.mark.parametrize("critic_steps", [1, 2])
def test_no_more_steps_are_asked_for_than_the_data_hold(critic_steps):
    model = gan_zoo.GAN(SHAPE, 3, critic_steps=critic_steps)
    metric = gan_zoo.metrics.SlicedWasserstein(max_images=4)
    model.compile(metrics=[metric], run_eagerly=True)
    most = 2 // critic_steps
    message = f"steps_per_epoch of at most {most}, .* got {most + 1}.*repeat"
    for data, batch_size in ((batches(), None), (IMAGES, 4)):
        with pytest.raises(ValueError, match=message):
            model.fit(data, batch_size=batch_size, steps_per_epoch=most + 1, verbose=0)
    with pytest.raises(ValueError, match="validation_steps of at most 2"):
        model.fit(
            IMAGES,
            batch_size=4,
            validation_data=batches(),
            validation_steps=3,
            verbose=0,
        )
    assert model.trained_steps == 0
    data = batches().repeat()
    model.fit(data, steps_per_epoch=most + 1, verbose=0)
    assert model.trained_steps == most + 1


def test_labels_that_are_not_used_are_as_many_as_the_images():
    model = measured()
    for data in ((IMAGES, np.zeros(3)), (IMAGES, np.zeros((9, 2)))):
        with pytest.raises(
            ValueError, match=r"rows beside the images .* got [39] and 8"
        ):
            model.fit(*data, verbose=0)
    model.fit(IMAGES, np.zeros(8), verbose=0)
    assert model.trained_steps == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("run_eagerly", "yes"), ("run_eagerly", None), ("jit_compile", "bogus")],
)
def test_switches_of_compile_are_checked(name, value):
    with pytest.raises(ValueError, match=f"{name} to be one of .*, got {value!r}"):
        SYSTEMS["GAN"].tiny().compile(**{name: value})


def test_a_player_without_weights_to_train_is_refused():
    model = measured()
    model.discriminator.trainable = False
    for train in (model.fit, model.train_on_batch):
        with pytest.raises(ValueError, match=r"player 'd', got none.*trainable=True"):
            train(IMAGES)
    assert model.trained_steps == 0
    fixed = measured()
    fixed.generator.trainable = False
    before = fixed.generator.get_weights()
    fixed.fit(IMAGES, verbose=0)
    for a, b in zip(before, fixed.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_data_of_unknown_length_hold_a_step_at_least():
    model = measured()
    with pytest.raises(ValueError, match="hold no full step"):
        model.fit(batches().filter(lambda x: False), verbose=0)


def test_an_epoch_that_keras_remembers_is_forgotten(tmp_path):
    model = measured()
    backup = keras.callbacks.BackupAndRestore(tmp_path / "b", delete_checkpoint=False)
    model.fit(IMAGES, epochs=2, verbose=0, callbacks=[backup])
    assert model.fit(IMAGES, epochs=2, verbose=0, callbacks=[backup]).epoch == []
    assert model.fit(IMAGES, epochs=2, verbose=0).epoch == [0, 1]


@pytest.mark.parametrize("frequency", [5, [4, 9]])
def test_there_is_a_validation_at_least(frequency):
    with pytest.raises(ValueError, match="there would be no validation"):
        measured().fit(
            IMAGES, validation_data=IMAGES, validation_freq=frequency, epochs=2
        )


def test_data_that_are_none_are_told():
    model = measured()
    for fit in (model.fit, model.evaluate):
        with pytest.raises(TypeError, match="got nothing"):
            fit()
        with pytest.raises(TypeError, match=r"data\.load\('folder:photos'\)"):
            fit("photos")
    with pytest.raises(TypeError, match="Sample weights are not"):
        model.fit(IMAGES, validation_data=(IMAGES, None, np.ones(8)), verbose=0)
    model.fit(IMAGES, validation_data=(IMAGES, None), verbose=0)


def test_what_has_other_parts_for_validation_is_not_split():
    model = SYSTEMS["SemiSupervisedGAN"].tiny()
    model.compile(run_eagerly=True)
    labels = np.zeros(8, "int32")
    with pytest.raises(ValueError, match=r"Pass \(images, labels\) as validation_data"):
        model.fit(((IMAGES, labels), IMAGES), validation_split=0.5, verbose=0)
    with pytest.raises(ValueError, match=r"fit\(\(\(images, labels\), unlabelled\)\)"):
        model.fit(IMAGES, labels, verbose=0)


def test_data_that_hold_nothing_are_refused():
    model = measured()
    empty = {
        "at least one row of images": IMAGES[:0],
        "at least one batch, got an empty one": batches().take(0),
    }
    for message, data in empty.items():
        with pytest.raises(ValueError, match=message):
            model.fit(data, verbose=0)
        with pytest.raises(ValueError, match=message):
            model.fit(IMAGES, validation_data=data, verbose=0)
        with pytest.raises(ValueError, match=message):
            model.evaluate(data, verbose=0)
    assert model.trained_steps == 0


def test_what_keras_takes_is_taken():
    model = measured()
    nothing = keras.callbacks.Callback()
    history = model.fit(
        IMAGES,
        batch_size=np.int64(4),
        epochs=3,
        initial_epoch=1,
        steps_per_epoch=1,
        validation_data=IMAGES,
        validation_steps=1,
        validation_batch_size=2,
        validation_freq=[3],
        shuffle=False,
        callbacks=[[nothing], keras.callbacks.CallbackList([])],
        verbose=0,
    ).history
    assert model.trained_steps == 2
    assert [len(values) for values in history.values() if len(values) != 2] == [1]
    model.fit(IMAGES, validation_split=0.5, validation_steps=1, verbose=0)
    model.evaluate(IMAGES, batch_size=4, steps=1, callbacks=nothing, verbose=0)


@pytest.mark.parametrize(("given", "rows"), [(None, 4), (2, 2)])
def test_arrays_for_validation_have_the_batch_size_of_several_critic_steps_too(
    given, rows
):
    seen = []

    class Watched(gan_zoo.GAN):
        def test_step(self, data):
            seen.append(len(keras.tree.flatten(data)[0]))
            return super().test_step(data)

    model = Watched(SHAPE, 3, critic_steps=2)
    metric = gan_zoo.metrics.SlicedWasserstein(max_images=4)
    model.compile(metrics=[metric], run_eagerly=True)
    model.fit(
        IMAGES,
        batch_size=4,
        validation_data=IMAGES,
        validation_batch_size=given,
        verbose=0,
    )
    assert seen == [rows] * (8 // rows)
