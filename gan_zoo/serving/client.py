"""Using an exported model: from its folder, or from a server over gRPC."""

import json
import pathlib
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo import backend
from gan_zoo.inputs import Attributes, Label
from gan_zoo.inputs.input import shape_words


class Spec(NamedTuple):
    """What an endpoint says of one of its inputs."""

    dtype: str
    shape: tuple  # of ints and None, the batch axis included
    optional: bool  # whether a request may leave it out


class _Images:
    """The methods of both clients, over `call(endpoint, **inputs)`."""

    def generate(self, n, seed=0, **inputs):
        """New images.

        Args:
            n: how many.
            seed: integer; the same seed gives the same images.
            **inputs: the model's further inputs, such as `labels` (one for all images,
                or one per image; drawn at random where left out) or `truncation`.

        Returns:
            uint8 array (n, h, w, c).
        """
        return self.call("generate", n=n, seed=seed, **inputs)["images"]

    def sample(self, z, **inputs):
        """Images of given latents.

        Args:
            z: float array (n, latent_dim).
            **inputs: the model's further inputs, such as `labels` or `truncation`.

        Returns:
            float32 array (n, h, w, c) in [-1, 1].
        """
        # Only models with controls have the endpoint `sample`; they are scalars there.
        specs = self.specs("serving_default")
        endpoint = "sample" if set(inputs) - set(specs) else "serving_default"
        return self.call(endpoint, z=z, **inputs)["images"]

    def translate(self, images, direction="serving_default", **inputs):
        """Images translated to images.

        Args:
            images: uint8 array (n, h, w, c).
            direction: endpoint, such as "b_to_a"; the model's first by default.
            **inputs: the model's further inputs, such as `attributes`. A model that was
                loaded takes names too, where its card has them.

        Returns:
            uint8 array (n, h, w, c).
        """
        return self.call(direction, images=images, **inputs)["images"]


class _Local(_Images):
    def __init__(self, path):
        path = pathlib.Path(path)
        self._model = tf.saved_model.load(str(path))
        card = path / "assets.extra" / "model_card.json"
        self.card = json.loads(card.read_text("utf-8")) if card.is_file() else None

    def specs(self, endpoint):
        """What an endpoint says of its inputs: dict of name to `Spec`."""
        _known(endpoint, self._model.signatures)
        # Unlike the signature, the function knows which inputs have a default.
        parameters = getattr(self._model, endpoint).function_type.parameters
        return {
            name: Spec(spec.dtype.name, tuple(spec.shape), parameter.optional)
            for name, parameter in parameters.items()
            for spec in [parameter.type_constraint]
        }

    def directions(self):
        """Names of the endpoints that translate images; the model's first one first."""
        signatures = [s for s in self._model.signatures if s != "serving_default"]
        ordered = [*(self.card or {}).get("endpoints", {}), *signatures]
        specs = {name: self.specs(name) for name in ordered if name in signatures}
        return [name for name, inputs in specs.items() if "images" in inputs]

    def names(self, endpoint):
        """Names of classes or attributes, by the names of the inputs that hold them."""
        endpoints = (self.card or {}).get("endpoints", {})
        if endpoint == "serving_default":
            endpoint = next(iter(endpoints), None)
        inputs = endpoints.get(endpoint, {}).get("inputs", {})
        return {name: x["names"] for name, x in inputs.items() if "names" in x}

    def call(self, endpoint, **inputs):
        """Any endpoint: named inputs to a dict of named arrays."""
        specs = self.specs(endpoint)
        for name, names in self.names(endpoint).items():
            if name in inputs and inputs[name] is not None:
                # One number per image is a class; a row of them is attributes.
                labels = len(specs[name].shape) == 1
                kind = Label(names=names) if labels else Attributes(names)
                inputs[name] = kind.as_array(name, inputs[name])
        arrays = _arrays(endpoint, inputs, specs)
        with backend.plain_errors():
            outputs = getattr(self._model, endpoint)(
                **{name: tf.constant(x) for name, x in arrays.items()}
            )
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
            from tensorflow_serving.apis import (
                get_model_metadata_pb2,
                predict_pb2,
                prediction_service_pb2_grpc,
            )
        except ImportError as error:
            raise ImportError(
                f"Client could not import {error.name or 'a module'} ({error}). "
                "Install what it needs with pip install 'gan_zoo[serving]'."
            ) from error
        self.model_name = model_name
        self.version = version
        self.timeout = timeout
        self._request = predict_pb2.PredictRequest
        self._metadata = get_model_metadata_pb2
        self._specs = None
        # gRPC gives up at 4 MB: twenty images of 256 × 256.
        unlimited = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
        ]
        self._channel = grpc.insecure_channel(host, unlimited)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    def specs(self, endpoint):
        """What an endpoint says of its inputs, asked of the server once."""
        if self._specs is None:
            request = self._metadata.GetModelMetadataRequest()
            self._name(request)
            request.metadata_field.append("signature_def")
            response = self._stub.GetModelMetadata(request, self.timeout)
            signatures = self._metadata.SignatureDefMap()
            response.metadata["signature_def"].Unpack(signatures)
            self._specs = {
                name: {
                    key: _spec(info, key in signature.defaults)
                    for key, info in signature.inputs.items()
                }
                for name, signature in signatures.signature_def.items()
            }
        return _known(endpoint, self._specs)

    def _name(self, request):
        request.model_spec.name = self.model_name
        if self.version is not None:
            request.model_spec.version.value = self.version

    def call(self, endpoint, **inputs):
        """Any endpoint: named inputs to a dict of named arrays."""
        request = self._request()
        self._name(request)
        request.model_spec.signature_name = endpoint
        arrays = _arrays(endpoint, inputs, self.specs(endpoint))
        for name, x in arrays.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(x))
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
        `card`. Inputs that are missing, unknown or of another type raise `TypeError`,
        those of another shape `ValueError`. Other requests that the model refuses raise
        `tf.errors.InvalidArgumentError`.

    Raises:
        FileNotFoundError: for a path where there is no exported model, saying where
            one is.

    Example:
        images = gan_zoo.serving.load("serving/wgan_gp/1").generate(16, seed=0)
    """
    path = pathlib.Path(path)
    if not (path / "saved_model.pb").is_file():
        raise FileNotFoundError(_not_exported(path))
    return _Local(path)


def _not_exported(path):
    text = f"Expected a folder that gan_zoo.export wrote, got {str(path)!r}. "
    if path.suffix == ".keras":
        return f"{text}Open such a file with keras.models.load_model."
    versions = sorted(file.parent for file in path.glob("*/saved_model.pb"))
    exported = path / "export" / "1"
    if (exported / "saved_model.pb").is_file():
        versions = [exported]
    if versions:
        return f"{text}Pass {str(versions[-1])!r}."
    return f"{text}Write one with gan_zoo.export(gan, 'serving/gan/1')."


def _known(endpoint, endpoints):
    if endpoint not in endpoints:
        raise ValueError(
            f"Expected an endpoint in {sorted(endpoints)}, got {endpoint!r}."
        )
    return endpoints[endpoint]


def _spec(info, optional):
    shape = tuple(None if d.size < 0 else d.size for d in info.tensor_shape.dim)
    return Spec(tf.as_dtype(info.dtype).name, shape, optional)


def _arrays(endpoint, inputs, specs):
    """Values of a request as arrays of the types that the endpoint takes.

    Inputs of None are left out, as in the models' own `generate`.

    Raises:
        TypeError: for inputs that are missing, unknown or of another type.
        ValueError: for those of another shape, or beyond the range of the type.
    """
    if unknown := sorted(set(inputs) - set(specs)):
        raise TypeError(
            f"Expected inputs out of {sorted(specs)} for {endpoint}, got {unknown}."
        )
    inputs = {name: x for name, x in inputs.items() if x is not None}  # left out
    needed = [name for name, spec in specs.items() if not spec.optional]
    if missing := sorted(set(needed) - set(inputs)):
        raise TypeError(
            f"Expected at least the inputs {sorted(needed)} for {endpoint}, got "
            f"{sorted(inputs)}. Pass {', '.join(f'{name}=...' for name in missing)}."
        )
    return {name: _array(name, x, specs[name]) for name, x in inputs.items()}


def _array(name, x, spec):
    if spec.dtype == "string":
        array = np.asarray(x, object)
    else:
        array = np.asarray(x)
        whole = not spec.dtype.startswith("float")
        if whole and array.size and array.dtype.kind not in "iu":
            raise TypeError(f"Expected {name} of type {spec.dtype}, got {array.dtype}.")
        cast = array.astype(spec.dtype)
        if whole and not np.array_equal(cast, array):
            raise ValueError(
                f"Expected {name} that fits into {spec.dtype}, got {array.max()}."
            )
        array = cast
    if array.ndim == len(spec.shape) - 1:
        array = array[None]  # one row for all images
    if array.ndim != len(spec.shape) or any(
        wanted not in (None, got)
        for wanted, got in zip(spec.shape, array.shape, strict=True)
    ):
        raise ValueError(
            f"Expected {name} of shape {shape_words(spec.shape)}, got {np.shape(x)}."
        )
    return array
