import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import SHAPE, System, both, pytorch_rmsprop
from small_networks import convolution, normed_generator

from gan_zoo import MMDGAN
from gan_zoo.networks.gan import mlp
from gan_zoo.objectives import kernels


def of_images():
    image = keras.Input(SHAPE)
    code = keras.layers.Dense(3, dtype="float32")(convolution(image))
    return MMDGAN(
        SHAPE,
        5,
        generator=normed_generator(SHAPE, 5),
        encoder=keras.Model(image, code),
        decoder=normed_generator(SHAPE, 3),
        # With the paper's 0.01 the codes of this small network differ so little that
        # MMD² is a float32's rounding, and its root's gradient too.
        clip=0.1,
        critic_steps=2,
        warmup_generator_steps=1,
        warmup_critic_steps=4,
    )


SYSTEMS = {
    "MMDGAN": System(
        tiny=of_images,
        settings={
            "image_shape": (28, 28, 1),
            "latent_dim": 10,
            "critic_steps": 5,
            "prior": "normal",
            "ema": None,
            "clip": 0.01,
            "warmup_generator_steps": 25,
            "warmup_critic_steps": 100,
            "bandwidths": (1, 2, 4, 8, 16),
            "reconstruction_weight": 8,
            "rank_weight": 16,
        },
        optimizers=both(pytorch_rmsprop(5e-5)),
        rate={"d": 0.02, "g": 0.1},
    ),
}


def tiny(**kwargs):
    return MMDGAN(
        (2,),
        3,
        generator=mlp(3, 2, 8),
        encoder=mlp(2, 4, 8),
        decoder=mlp(4, 2, 8),
        **{"warmup_generator_steps": 0, "warmup_critic_steps": 2, "critic_steps": 2}
        | kwargs,
    )


def points(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)).astype("float32")


def test_the_objectives_are_the_formulas():
    model = tiny(reconstruction_weight=3.0, rank_weight=5.0, critic_steps=1)
    still = {f"{p}_optimizer": keras.optimizers.SGD(0.0) for p in "dg"}
    model.compile(**still)
    model.clipping.clip = 1e9
    x = points(12)
    logs = {k: float(v) for k, v in model.train_step(tf.constant(x)).items()}
    critic, last = x[0::2], x[1::2]
    model.steps.assign(0)  # so that the same numbers are drawn again

    def terms(real, *site):
        with model.draws(*site):
            fake = model.generator(model.latents(6))
        codes = [model.encoder(each).numpy() for each in (real, fake)]
        every = kernels.kernel_matrices(model.kernel, *codes)
        mmd = float(kernels.mmd2_biased(*every)) ** 0.5
        rank = np.minimum(codes[0].mean(0) - codes[1].mean(0), 0).mean()
        error = sum(
            np.mean((model.decoder(c).numpy() - each) ** 2)
            for c, each in zip(codes, (real, fake.numpy()), strict=True)
        )
        return mmd, rank, error

    mmd, rank, error = terms(critic, "critic", 0)
    assert logs["mmd"] == pytest.approx(mmd, rel=1e-4)
    assert logs["reconstruction"] == pytest.approx(error, rel=1e-5)
    assert logs["d_loss"] == pytest.approx(3 * error - mmd - 5 * rank, rel=1e-4)
    mmd, rank, _ = terms(last, "generator")
    assert logs["g_loss"] == pytest.approx(mmd + 5 * rank, rel=1e-4)


def test_a_step_takes_a_fresh_batch_for_each_update_and_clips_the_encoder_only():
    model = tiny(clip=0.02)
    assert model.batches_per_step == 3
    seen = []
    model.update_critic, critic = (
        lambda x: (seen.append(x), critic(x)),
        model.update_critic,
    )
    model.update_generator = seen.append
    model.compile(d_optimizer=keras.optimizers.SGD(0.1))
    model.train_step(tf.constant(points(12)))
    np.testing.assert_array_equal(np.stack(seen, 1).reshape(12, 2), points(12))
    largest = [np.abs(w.numpy()).max() for w in model.encoder.trainable_variables]
    assert max(largest) == np.float32(0.02)
    assert max(np.abs(w.numpy()).max() for w in model.decoder.trainable_variables) > 0.1


def test_the_critic_finds_codes_in_which_the_samples_differ():
    """With G fixed beside the data, training the critic raises the discrepancy."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    generator.set_weights([np.eye(3, 2), np.array([0.5, 0.0])])
    generator.trainable = False
    model = MMDGAN(
        (2,),
        3,
        generator=generator,
        encoder=mlp(2, 4, 16, activation="leaky_relu"),
        decoder=mlp(4, 2, 16),
        clip=0.1,
        warmup_generator_steps=0,
    )
    model.compile(d_optimizer=keras.optimizers.RMSprop(2e-3))
    batches = tf.data.Dataset.from_tensor_slices(points(64 * 6 * 60)).batch(64)
    first = model.fit(batches.take(6 * 5), verbose=0).history["mmd"][0]
    model.fit(batches, verbose=0)
    last = model.fit(batches.take(6 * 5), verbose=0).history["mmd"][0]
    assert last > 2 * first


def test_default_networks_are_the_authors():
    model = MMDGAN((32, 32, 1))
    # 64, 128 and 256 channels down to 4×4, then the code; and the same upwards.
    assert model.encoder.layers[-1].kernel.shape == (4 * 4 * 256, 10)
    assert model.decoder.layers[1].kernel.shape == (10, 4 * 4 * 256)
    copy = MMDGAN.from_config(model.get_config())
    assert copy.get_config().keys() == model.get_config().keys()
    assert copy.clipping.clip == model.clipping.clip
    assert copy.bandwidths == model.bandwidths


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bandwidths": ()}, "bandwidths"),
        ({"bandwidths": 2.0}, "bandwidths above 0, .* got 2.0"),
        ({"rank_weight": "16"}, "rank_weight to be a finite number .* got '16'"),
        ({"critic_steps": 0}, "critic_steps"),
        ({"clip": 0.0}, "clip"),
        ({"warmup_critic_steps": 7}, "multiple of critic_steps"),
        ({"decoder": mlp(5, 2)}, "takes codes"),
        ({"decoder": mlp(4, 3)}, "makes images"),
        ({"encoder": mlp(3, 4)}, "takes images"),
        ({"prior": "cauchy"}, "prior"),
    ],
)
def test_wrong_arguments_say_what_was_expected(arguments, message):
    networks_of = {
        "generator": mlp(3, 2, 8),
        "encoder": mlp(2, 4, 8),
        "decoder": mlp(4, 2, 8),
    }
    with pytest.raises(ValueError, match=message):
        MMDGAN((2,), 3, **networks_of | arguments)
