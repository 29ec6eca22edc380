import keras
import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.models.base.adversarial import AdversarialModel
from gan_zoo.networks.gan import mlp


class Decayed(AdversarialModel):
    """Minimises E ‖sum of its networks‖², what the layers add besides."""

    tracked = ("loss",)

    def __init__(self, **networks):
        super().__init__({"g": networks})

    def paper_optimizers(self):
        return {"g": keras.optimizers.SGD(0.5)}

    def step(self, x):
        def objective():
            outputs = [network(x) for network in self.players["g"]]
            loss = keras.ops.mean(keras.ops.square(sum(outputs)))
            return loss, {"loss": loss}, outputs

        return self.update("g", objective)


def decayed(weight, regularizer=None, activity=None):
    """A layer y = w x of one number."""
    return keras.layers.Dense(
        1,
        use_bias=False,
        kernel_initializer=keras.initializers.Constant(weight),
        kernel_regularizer=regularizer,
        activity_regularizer=activity,
    )


def of_layer(layer):
    x = keras.Input((1,))
    return keras.Model(x, layer(x))


def test_update_hands_back_what_else_the_objective_returns():
    model = Decayed(one=of_layer(decayed(2.0)))
    model.compile()
    (outputs,) = model.step(tf.constant([[1.0], [3.0]]))
    np.testing.assert_allclose(outputs, [[2.0], [6.0]])
    nothing = model.update("g", lambda: (tf.reduce_sum(model.one(tf.ones((1, 1)))), {}))
    assert nothing is None


def test_update_adds_the_layers_own_losses_and_does_not_log_them():
    """By hand: w ← w − ½ (2 w E x² + 2 · 0.1 w)."""
    regularizer = keras.regularizers.L2(0.1)
    model = Decayed(one=of_layer(decayed(2.0, regularizer)))
    model.compile()
    model.step(tf.constant([[1.0], [0.5]]))
    (kernel,) = model.variables_of("g")
    wanted = 2.0 - 0.5 * (2 * 2.0 * 0.625 + 2 * 0.1 * 2.0)
    np.testing.assert_allclose(kernel, [[wanted]], rtol=1e-6)
    assert float(model.logs()["loss"]) == pytest.approx(4 * 0.625)


def test_update_adds_what_layers_ask_of_their_outputs():
    """By hand: Keras divides a sum over the batch by its rows."""
    model = Decayed(one=of_layer(decayed(2.0, activity=keras.regularizers.L2(0.1))))
    model.compile()
    model.step(tf.constant([[1.0], [0.5]]))
    (kernel,) = model.variables_of("g")
    wanted = 2.0 - 0.5 * 2 * 2.0 * (1 + 0.1) * 0.625
    np.testing.assert_allclose(kernel, [[wanted]], rtol=1e-6)


def test_update_adds_a_shared_layer_s_loss_once():
    """By hand: w ← w − ½ (8 w + 2 · 0.1 w) for (2 w)² at x = 1."""
    shared = decayed(2.0, keras.regularizers.L2(0.1))
    model = Decayed(one=of_layer(shared), two=of_layer(shared))
    model.compile()
    model.step(tf.ones((4, 1)))
    (kernel,) = model.variables_of("g")
    wanted = 2.0 - 0.5 * (8 * 2.0 + 2 * 0.1 * 2.0)
    np.testing.assert_allclose(kernel, [[wanted]], rtol=1e-6)


def test_update_leaves_other_players_losses_alone():
    gan = gan_zoo.GAN(
        (1,), 1, generator=of_layer(decayed(2.0)), discriminator=of_layer(decayed(0.5))
    )
    strong = keras.regularizers.L2(1e6)
    other = gan_zoo.GAN(
        (1,),
        1,
        generator=of_layer(decayed(2.0, strong)),
        discriminator=of_layer(decayed(0.5)),
    )
    for model in (gan, other):
        model.compile()
        with model.draws("here"):
            model.update_discriminator(tf.ones((4, 1)))
    np.testing.assert_array_equal(*(m.variables_of("d")[0] for m in (gan, other)))


def test_an_update_that_is_due_at_times_logs_the_mean_of_these():
    """The value of step t is t: the mean of 0 and 2, not of all three steps."""

    class Lazy(gan_zoo.GAN):
        tracked = (*gan_zoo.GAN.tracked, "lazy")

        def update_generator(self, real, **given):
            outputs = super().update_generator(real, **given)

            def objective():
                weight = self.generator.trainable_variables[0]
                value = tf.cast(self.steps.value, "float32")
                return tf.reduce_sum(weight.value), {"lazy": value, "unseen": value}

            due = tf.equal(self.steps.value % 2, 0)
            otherwise = {"lazy": -1.0, "unseen": -1.0}
            values = self.update_when(due, "g", objective, otherwise)
            seen.append(float(values["unseen"]))
            return outputs

    seen = []
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    gan = Lazy((2,), 3, generator=mlp(3, 2, 8), discriminator=discriminator)
    gan.compile(run_eagerly=True)
    logs = gan.fit(np.zeros((12, 2), "float32"), batch_size=4, verbose=0).history
    assert logs["lazy"] == [1.0]
    assert seen == [0.0, -1.0, 2.0]
    assert int(gan.g_optimizer.iterations) == 5
