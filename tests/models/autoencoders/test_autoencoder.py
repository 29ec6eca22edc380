import keras
import numpy as np
import pytest
import tensorflow as tf
from models.system import System, adam, rows_of

from gan_zoo import Autoencoder
from gan_zoo.networks.gmmn import autoencoder_decoder, autoencoder_encoder

SHAPE = (8, 8, 1)


def averaged():
    return Autoencoder(
        SHAPE,
        6,
        encoder=autoencoder_encoder(SHAPE, 6, 16),
        decoder=autoencoder_decoder(SHAPE, 6, 16),
        ema=0.9,
    )


def reconstructed(model):
    return model.reconstruct(rows_of(*model.batch.inputs, 2))


SYSTEMS = {
    "Autoencoder": System(
        tiny=averaged,
        settings={
            "image_shape": (28, 28, 1),
            "ema": None,
            "code_dim": 32,
        },
        optimizers={"autoencoder": adam(1e-3, 0.9)},
        made=reconstructed,
        of_latents=False,
    ),
}


def small(**kwargs):
    return Autoencoder(
        SHAPE,
        4,
        encoder=autoencoder_encoder(SHAPE, 4, 32, kwargs.pop("rates", (0.0, 0.0))),
        decoder=autoencoder_decoder(SHAPE, 4, 32),
        **kwargs,
    )


def bars(n):
    """Images of one white column each, black elsewhere."""
    columns = np.random.default_rng(0).integers(0, 8, n)
    return np.broadcast_to(np.eye(8)[columns][:, None, :, None] * 2 - 1, (n, *SHAPE))


def test_the_loss_is_the_cross_entropy_of_the_pixels():
    model = small()
    model.decoder.set_weights([np.zeros_like(w) for w in model.decoder.get_weights()])
    model.compile(autoencoder_optimizer=keras.optimizers.SGD(0.0))
    logs = model.train_step(tf.constant(bars(4), "float32"))
    assert float(logs["loss"]) == pytest.approx(64 * np.log(2), rel=1e-6)


def test_it_learns_to_tell_images_apart_and_back():
    keras.utils.set_random_seed(0)
    model = small(ema=0.9)
    model.compile(autoencoder_optimizer=keras.optimizers.Adam(0.01))
    x = bars(512).astype("float32")
    model.fit(x, batch_size=32, epochs=25, verbose=0)
    codes = model.encode(x)
    assert codes.shape == (512, 4)
    assert codes.dtype == np.float32
    assert 0 <= codes.min() < codes.max() <= 1
    np.testing.assert_array_equal(model.reconstruct(x), model.decode(codes))
    np.testing.assert_array_equal(np.sign(model.reconstruct(x)), x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"encoder": autoencoder_encoder(SHAPE)}, "takes images"),
        ({"code_dim": 5, "encoder": autoencoder_encoder((28, 28, 1))}, "makes codes"),
        ({"decoder": autoencoder_decoder((28, 28, 1), 5)}, "takes codes"),
        ({"decoder": autoencoder_decoder(SHAPE)}, "makes logits"),
    ],
)
def test_wrong_networks_say_what_was_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        Autoencoder(**arguments)


def test_labels_are_ignored_and_integers_refused():
    model = small()
    model.compile()
    x = bars(64).astype("float32")
    model.fit(x, np.arange(64), batch_size=32, verbose=0)
    with pytest.raises(ValueError, match="float images"):
        model.fit(x.astype("uint8"), batch_size=32)
