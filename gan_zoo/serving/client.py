"""Using an exported model: from its folder, or from a server over gRPC."""

import json
import pathlib

import numpy as np
import tensorflow as tf

_DTYPES = {"n": "int32", "seed": "int64", "labels": "int32", "images": "uint8"}

# What each image has one of; all else are controls of the model.
_CONDITIONS = {"labels", "codes"}


class _Images:
    """What both doors offer, on top of `call(endpoint, **inputs)`."""

    def generate(self, n, seed=0, **inputs):
        """New images.

        Args:
            n: how many.
            seed: integer; the same seed gives the same images.
            **inputs: the model's further inputs, such as `labels` (n,) or `truncation`.

        Returns:
            uint8 array (n, h, w, c).
        """
        return self.call("generate", n=n, seed=seed, **inputs)["images"]

    def sample(self, z, **inputs):
        """Images of given latents.

        Args:
            z: float array (n, latent_dim).
            **inputs: the model's further inputs, such as `labels` (n,) or `truncation`.

        Returns:
            float32 array (n, h, w, c) in [-1, 1].
        """
        # Only models with controls have the endpoint `sample`.
        endpoint = "sample" if set(inputs) - _CONDITIONS else "serving_default"
        return self.call(endpoint, z=z, **inputs)["images"]

    def translate(self, images, direction="serving_default"):
        """Images translated to images.

        Args:
            images: uint8 array (n, h, w, c).
            direction: endpoint, such as "b_to_a"; the model's first by default.

        Returns:
            uint8 array (n, h, w, c).
        """
        return self.call(direction, images=images)["images"]


class _Local(_Images):
    def __init__(self, path):
        path = pathlib.Path(path)
        self._model = tf.saved_model.load(str(path))
        card = path / "assets.extra" / "model_card.json"
        self.card = json.loads(card.read_text("utf-8")) if card.is_file() else None

    def call(self, endpoint, **inputs):
        """Any endpoint: named inputs to a dict of named arrays."""
        if endpoint not in self._model.signatures:
            raise ValueError(
                f"Expected an endpoint in {sorted(self._model.signatures)}, got "
                f"{endpoint!r}."
            )
        inputs = {name: tf.constant(_array(name, x)) for name, x in inputs.items()}
        outputs = getattr(self._model, endpoint)(**inputs)
        return {name: tensor.numpy() for name, tensor in outputs.items()}


class Client(_Images):
    """A model on a TF Serving server, over gRPC.

    Args:
        host: address of the server, such as "localhost:8500".
        model_name: name under which the server serves the model.
        version: version of the model; the server's newest by default.
        timeout: seconds after which a request is given up.

    Errors of the server are raised as `grpc.RpcError`, with its code and message.

    Raises:
        ImportError: without the packages of `gan_zoo[serving]`.

    Example:
        with gan_zoo.serving.Client("localhost:8500", "wgan_gp") as client:
            images = client.generate(16, seed=0)
    """

    def __init__(self, host, model_name, *, version=None, timeout=60.0):
        try:
            import grpc
            from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc
        except ImportError as error:
            raise ImportError(
                "Client expects grpcio and tensorflow-serving-api, and did not find "
                "them. Install them with pip install 'gan_zoo[serving]'."
            ) from error
        self.model_name = model_name
        self.version = version
        self.timeout = timeout
        self._request = predict_pb2.PredictRequest
        # gRPC gives up at 4 MB: twenty images of 256 × 256.
        unlimited = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
        ]
        self._channel = grpc.insecure_channel(host, unlimited)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    def call(self, endpoint, **inputs):
        """Any endpoint: named inputs to a dict of named arrays."""
        request = self._request()
        request.model_spec.name = self.model_name
        request.model_spec.signature_name = endpoint
        if self.version is not None:
            request.model_spec.version.value = self.version
        for name, x in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(_array(name, x)))
        response = self._stub.Predict(request, self.timeout)
        return {name: tf.make_ndarray(x) for name, x in response.outputs.items()}

    def close(self):
        """Closes the connection."""
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def load(path):
    """An exported model in this process, by TensorFlow alone.

    Args:
        path: folder that `export` wrote.

    Returns:
        Object with `generate`, `sample`, `translate`, `call` and the model card as
        `card`. Requests that the model refuses raise `tf.errors.InvalidArgumentError`
        or, for z of another shape, `TypeError`.

    Example:
        images = gan_zoo.serving.load("serving/wgan_gp/1").generate(16, seed=0)
    """
    return _Local(path)


def _array(name, x):
    if name == "image_bytes":
        return np.asarray(x, object)
    x = np.asarray(x)
    dtype = _DTYPES.get(name)
    if dtype is None:
        return x.astype("float32")
    if x.size and x.dtype.kind not in "iu":
        raise TypeError(f"Expected {name} of type {dtype}, got {x.dtype}.")
    cast = x.astype(dtype)
    if not np.array_equal(cast, x):
        raise ValueError(f"Expected {name} that fits into {dtype}, got {x.max()}.")
    return cast
