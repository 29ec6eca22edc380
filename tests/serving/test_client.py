import concurrent.futures
import sys

import numpy as np
import pytest
import tensorflow as tf
from inputs.systems import TextGAN
from tensorflow.core.protobuf import saved_model_pb2

from gan_zoo.serving import Client, export, load

grpc = pytest.importorskip("grpc")
service = pytest.importorskip("tensorflow_serving.apis.prediction_service_pb2_grpc")
predict_pb2 = pytest.importorskip("tensorflow_serving.apis.predict_pb2")
metadata_pb2 = pytest.importorskip("tensorflow_serving.apis.get_model_metadata_pb2")


class Server(service.PredictionServiceServicer):
    """TF Serving's Predict, on one exported model."""

    def __init__(self, path):
        self.model = tf.saved_model.load(str(path))
        self.path = path

    def GetModelMetadata(self, request, context):
        saved = saved_model_pb2.SavedModel()
        saved.ParseFromString((self.path / "saved_model.pb").read_bytes())
        signatures = metadata_pb2.SignatureDefMap()
        for name, definition in saved.meta_graphs[0].signature_def.items():
            signatures.signature_def[name].CopyFrom(definition)
        response = metadata_pb2.GetModelMetadataResponse()
        response.metadata["signature_def"].Pack(signatures)
        return response

    def Predict(self, request, context):
        name = request.model_spec.signature_name or "serving_default"
        inputs = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
        try:
            outputs = getattr(self.model, name)(
                **{k: tf.constant(v) for k, v in inputs.items()}
            )
        except (tf.errors.InvalidArgumentError, ValueError, TypeError) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error)[:500])
        response = predict_pb2.PredictResponse()
        for key, value in outputs.items():
            response.outputs[key].CopyFrom(tf.make_tensor_proto(value))
        return response


@pytest.fixture(scope="module")
def address(exported):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    service.add_PredictionServiceServicer_to_server(Server(exported), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait(10)


def test_grpc_gives_the_models_own_images(gan, address, as_bytes):
    with Client(address, "tiny", timeout=30) as client:
        for n in (0, 3, 250):
            images = as_bytes(gan.generate(n, seed=7))
            np.testing.assert_array_equal(client.generate(n, 7), images)
        z = np.random.default_rng(0).normal(size=(2, 4))
        np.testing.assert_array_equal(
            client.sample(z), gan.sample_in_batches(z.astype("float32"))
        )
        (png,) = client.call("generate_png", n=1, seed=7)["png_bytes"]
        np.testing.assert_array_equal(tf.io.decode_png(png), images[0])


def test_errors_come_back_and_the_server_stays(address):
    with Client(address, "tiny", timeout=30) as client:
        for n in (-1, 10_000):
            with pytest.raises(grpc.RpcError) as caught:
                client.generate(n)
            assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert "n from 0 to 300" in caught.value.details()
        with pytest.raises(ValueError, match=r"z of shape \(n, 4\), got \(2, 5\)"):
            client.sample(np.zeros((2, 5)))
        with pytest.raises(TypeError, match=r"at least the inputs \['n'\] .* got \[\]"):
            client.call("generate")
        assert client.generate(2).shape == (2, 8, 8, 3)


def test_asks_for_a_version(exported):
    asked = []

    class Remembering(Server):
        def Predict(self, request, context):
            asked.append(request.model_spec)
            return super().Predict(request, context)

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
    service.add_PredictionServiceServicer_to_server(Remembering(exported), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with Client(f"127.0.0.1:{port}", "tiny", version=4, timeout=30) as client:
        client.generate(1)
    server.stop(None).wait(10)
    assert (asked[0].name, asked[0].version.value) == ("tiny", 4)


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_serving.apis", None)
    with pytest.raises(ImportError, match=r"could not import \w+.*gan_zoo\[serving\]"):
        Client("127.0.0.1:1", "tiny")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gan", r"Pass '.*gan/1'"),
        ("run", r"Pass '.*run/export/1'"),
        ("gan.keras", r"keras\.models\.load_model"),
        ("none", r"Write one with gan_zoo\.export"),
    ],
)
def test_a_path_without_a_model_says_where_one_is(tmp_path, name, message):
    for folder in ("gan/1", "run/export/1"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "saved_model.pb").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=message):
        load(tmp_path / name)


def test_load_refuses_other_types(exported):
    with pytest.raises(TypeError, match="Expected n of type int32, got float64"):
        load(exported).generate(2.5)
    with pytest.raises(TypeError):
        load(exported).generate(2, truncation=0.5)
    with pytest.raises(ValueError, match="fits into int32, got 4294967297"):
        load(exported).generate(2**32 + 1)


@pytest.fixture(scope="module")
def conditional(labelled, tmp_path_factory):
    path = tmp_path_factory.mktemp("conditional")
    labels = load(export(labelled, path / "labels" / "1"))
    return {"labels": labels, "texts": load(export(TextGAN.build(), path / "texts"))}


@pytest.mark.parametrize(
    ("kind", "request_of", "message"),
    [
        ("labels", lambda m: m.sample(np.zeros((2, 4))), "Pass labels="),
        ("labels", lambda m: m.call("generate", seed=3), "Pass n="),
        ("texts", lambda m: m.generate(2), r"\['n', 'texts'\].*Pass texts="),
    ],
)
def test_missing_inputs_are_named(conditional, kind, request_of, message):
    with pytest.raises(TypeError, match=message):
        request_of(conditional[kind])


@pytest.mark.parametrize(
    ("kind", "request_of", "message"),
    [
        (
            "labels",
            lambda m: m.sample(np.zeros((2, 5)), labels=1),
            r"z of shape \(n, 4\), got \(2, 5\)",
        ),
        (
            "labels",
            lambda m: m.generate(2, labels=[[0, 1]]),
            r"labels of shape \(n,\), got \(1, 2\)",
        ),
        ("labels", lambda m: m.generate([2]), r"n of shape \(\), got \(1,\)"),
        (
            "texts",
            lambda m: m.generate(2, texts=[["red"], ["red"]]),
            r"texts of shape \(n,\), got \(2, 1\)",
        ),
    ],
)
def test_inputs_of_another_shape_are_named(conditional, kind, request_of, message):
    with pytest.raises(ValueError, match=message):
        request_of(conditional[kind])


def test_none_stands_for_what_is_left_out(conditional):
    """As in the models' own `generate`."""
    model = conditional["labels"]
    np.testing.assert_array_equal(
        model.generate(2, labels=None, shift=None), model.generate(2)
    )
    with pytest.raises(TypeError, match="Pass labels="):
        model.sample(np.zeros((2, 4)), labels=None)
    with pytest.raises(TypeError, match=r"got \['captions'\]"):
        model.generate(2, captions=None)


def test_inputs_with_a_default_may_be_left_out(conditional):
    assert len(conditional["labels"].generate(2)) == 2
    assert len(conditional["texts"].generate(2, texts="red heart")) == 2
    assert len(conditional["labels"].sample(np.zeros(4), labels=[1])) == 1
