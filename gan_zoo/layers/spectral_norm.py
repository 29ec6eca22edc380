"""Spectral normalisation: layers whose weights have the largest singular value 1."""

import keras
from keras import ops

from gan_zoo.layers.resampled_conv import ResampledConv2D


class _SpectralNorm:
    """Mixin for a Keras layer. The layer uses W / σ(W) in place of W.

    σ(W) is the largest singular value of W, as a matrix with one row per output
    channel. W is the trainable variable. σ is estimated as uᵀ W v, by power iteration
    on two vectors that are stored in the layer:

        v ← Wᵀ u / ‖Wᵀ u‖,  u ← W v / ‖W v‖      at each call with training=True
        σ(W) = uᵀ W v                            u and v are constants in the gradient

    The gradient passes through σ: ∂(W / σ) / ∂W is exact when u and v are the singular
    vectors. Calls with `training=False` do not iterate, and divide by uᵀ W v with the
    stored u and v.

    Under mixed precision all computations use the precision of the weights. u and v are
    equal on all replicas, so those of one replica are stored. A weight that is 0
    everywhere gives NaN.
    """

    # The axis of the weight that is the row of W.
    rows_axis = -1

    def __init__(self, *args, power_iterations=1, **kwargs):
        super().__init__(*args, **kwargs)
        if not isinstance(power_iterations, int) or power_iterations < 1:
            raise ValueError(
                "Expected power_iterations to be an int of at least 1, got "
                f"{power_iterations!r}."
            )
        if getattr(self, "data_format", "channels_last") != "channels_last":
            raise ValueError(
                f"{type(self).__name__} takes images (n, h, w, c) only, got "
                f"data_format={self.data_format!r}."
            )
        self.power_iterations = power_iterations

    @property
    def raw_weight(self):
        """W, before it is divided by σ(W)."""
        return self.kernel

    def add_weight(self, **kwargs):
        # Not cast under mixed precision: see above.
        return super().add_weight(autocast=False, **kwargs)

    def build(self, input_shape=None):
        super().build(input_shape)
        columns, rows = self._transposed_matrix().shape
        state = {"trainable": False, "aggregation": "only_first_replica"}
        self.u = self.add_weight(
            name="u", shape=(rows,), initializer=_random_direction, **state
        )
        # Half an iteration, so that σ is reasonable also before training.
        self.v = self.add_weight(
            name="v",
            shape=(columns,),
            initializer=lambda *_, **__: _unit(
                ops.matmul(self._transposed_matrix(), self.u)
            ),
            **state,
        )

    def _transposed_matrix(self):
        """Wᵀ, (columns, rows)."""
        weight = ops.moveaxis(self.raw_weight, self.rows_axis, -1)
        return ops.reshape(weight, (-1, weight.shape[-1]))

    def normalized(self, training):
        """W / σ(W) in the compute dtype. Updates u and v in training."""
        matrix = self._transposed_matrix()
        u, v = self._singular_vectors(ops.stop_gradient(matrix), training)
        sigma = ops.sum(ops.matmul(v, matrix) * u)
        return ops.cast(self.raw_weight / sigma, self.compute_dtype)

    def _singular_vectors(self, matrix, training):
        u, v = self.u.value, self.v.value
        if training:
            for _ in range(self.power_iterations):
                v = _unit(ops.matmul(matrix, u))
                u = _unit(ops.matmul(v, matrix))
            self.u.assign(u)
            self.v.assign(v)
        return ops.stop_gradient(u), ops.stop_gradient(v)

    def _finish(self, y):
        """Adds the bias and applies the activation."""
        if self.use_bias:
            y = y + ops.cast(self.bias, y.dtype)
        return y if self.activation is None else self.activation(y)

    def save_own_variables(self, store):
        # Keras's layers save only their own variables, by name.
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store):
        keras.layers.Layer.load_own_variables(self, store)

    def get_config(self):
        return super().get_config() | {"power_iterations": self.power_iterations}


def _unit(x):
    return ops.normalize(x, axis=0, epsilon=1e-12)


def _random_direction(shape, dtype=None):
    return _unit(keras.initializers.RandomNormal(stddev=1.0)(shape, dtype))


@keras.saving.register_keras_serializable("gan_zoo")
class SpectralDense(_SpectralNorm, keras.layers.Dense):
    """Dense layer with a kernel of largest singular value 1.

    Args:
        units: number of outputs.
        power_iterations: number of power iterations per call in training.
        **kwargs: as in `keras.layers.Dense`.

    Input (n, d), output (n, units). `kernel` is the raw W; `u` and `v` are not trained.

    Raises:
        ValueError: if `power_iterations` is below 1.

    Reference: Miyato et al. 2018, Spectral Normalization for GANs, 1802.05957,
    Algorithm 1 and equation 8; equation 12 is its gradient.
    """

    def call(self, x, training=False):
        return self._finish(ops.matmul(x, self.normalized(training)))


@keras.saving.register_keras_serializable("gan_zoo")
class SpectralConv2D(_SpectralNorm, ResampledConv2D):
    """Convolution whose kernel, as a matrix (out, h · w · in), has singular value 1.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel.
        resample: None, "up" or "down", as in `ResampledConv2D`; the 3×3 kernel is
            normalised first.
        power_iterations: number of power iterations per call in training.
        **kwargs: as in `ResampledConv2D`; padding is SAME by default.

    Input (n, h, w, c), output (n, h', w', filters). `kernel` is the raw W; `u` and `v`
    are state.

    Raises:
        ValueError: if `power_iterations` is below 1, for channels_first, and as
            `ResampledConv2D`.

    Reference: Miyato et al. 2018, 1802.05957, Algorithm 1; section 4 for the matrix.
    """

    def call(self, x, training=False):
        return self._finish(self.convolution_op(x, self.normalized(training)))


@keras.saving.register_keras_serializable("gan_zoo")
class SpectralConv2DTranspose(_SpectralNorm, keras.layers.Conv2DTranspose):
    """Transposed convolution whose kernel, as a matrix (out, h · w · in), has norm 1.

    Rows are output channels, as in PyTorch. TensorFlow Addons and Keras use the input
    channels, which gives another matrix and another norm.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel.
        power_iterations: number of power iterations per call in training.
        **kwargs: as in `keras.layers.Conv2DTranspose`.

    Input (n, h, w, c), output (n, h', w', filters). `kernel` is the raw W; `u` and `v`
    are state.

    Raises:
        ValueError: if `power_iterations` is below 1, and for channels_first.

    Reference: Miyato et al. 2018, 1802.05957, Algorithm 1.
    """

    rows_axis = -2  # a kernel is (h, w, out, in)

    def call(self, x, training=False):
        y = ops.conv_transpose(
            x,
            self.normalized(training),
            strides=list(self.strides),
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
        )
        return self._finish(y)


@keras.saving.register_keras_serializable("gan_zoo")
class SpectralEmbedding(_SpectralNorm, keras.layers.Embedding):
    """Embedding whose table (classes, d) has largest singular value 1.

    Args:
        input_dim: number of classes.
        output_dim: length d of a class's vector.
        power_iterations: number of power iterations per call in training.
        **kwargs: as in `keras.layers.Embedding`.

    Input integers (n,), output (n, d). `embeddings` is the raw W; `u` and `v` are
    state.

    Raises:
        ValueError: if `power_iterations` is below 1.

    Reference: Miyato & Koyama 2018, cGANs with Projection Discriminator, 1802.05637;
    rows as in the authors' code.
    """

    rows_axis = 0

    @property
    def raw_weight(self):
        """W, before it is divided by σ(W)."""
        return self.embeddings

    def call(self, labels, training=False):
        table = self.normalized(training)
        return ops.take(table, ops.cast(labels, "int32"), axis=0)

    def compute_output_spec(self, labels, training=False):
        # The method of Keras has no argument `training`.
        return super().compute_output_spec(labels)
