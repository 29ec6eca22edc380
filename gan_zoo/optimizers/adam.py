"""Adam, faster than Keras's."""

import keras
from keras import ops

from gan_zoo import backend


@keras.saving.register_keras_serializable("gan_zoo")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` in one kernel per weight.

    It has the arguments, variables and results of Keras's optimizer, to rounding. It
    needs a third of the time for large weights. With `amsgrad=True` it takes Keras's
    own step. It differs from Keras in the rows of an embedding: if a label occurs twice
    in a batch, Keras sums the squares of both gradients. This optimizer squares their
    sum, as for any other weight.

    Reference: Kingma & Ba 2014, Adam, 1412.6980, the form before section 2.1, in which
    the step size has the corrections of both moments.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Moves one variable and its moments."""
        if self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        step = ops.cast(self.iterations + 1, "float32")
        betas = self.beta_1, self.beta_2
        backend.adam_step(
            variable,
            (self._momentums[index], self._velocities[index]),
            gradient,
            learning_rate,
            powers=[ops.power(beta, step) for beta in betas],
            betas=betas,
            epsilon=self.epsilon,
        )
