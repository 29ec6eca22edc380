import importlib.util

import numpy as np
import pytest

from gan_zoo.serving import export_litert, export_onnx

EXPORTS = [(export_onnx, "x.onnx"), (export_litert, "x.tflite")]


@pytest.mark.parametrize(("export", "file"), EXPORTS)
def test_names_the_extra_to_install(gan, export, file, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"gan_zoo\[export\]"):
        export(gan, tmp_path / file)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("export", "file"), EXPORTS)
def test_refuses_other_endings_and_directions(
    gan, translating, export, file, tmp_path, monkeypatch
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "found")
    with pytest.raises(ValueError, match=r"Expected a path that ends in \."):
        export(gan, tmp_path / "x.pb")
    with pytest.raises(ValueError, match="GAN has no directions"):
        export(gan, tmp_path / file, direction="a_to_b")
    with pytest.raises(ValueError, match=r"Expected direction in .*enlarge"):
        export(translating, tmp_path / file, direction="shrink")
    with pytest.raises(TypeError, match="noise"):
        export(gan.generator, tmp_path / file)


@pytest.mark.parametrize(("export", "file"), EXPORTS)
def test_refuses_networks_of_nan(gan, export, file, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "found")
    generator = gan.sampling_networks["generator"]
    kept = generator.get_weights()
    generator.set_weights([w * np.nan for w in kept])
    with pytest.raises(ValueError, match="generator has weights that are NaN"):
        export(gan, tmp_path / file)
    generator.set_weights(kept)
    assert not list(tmp_path.iterdir())


def _onnx(path, **inputs):
    session = pytest.importorskip("onnxruntime").InferenceSession(str(path))
    return session.run(None, inputs)[0]


def _litert(path, **inputs):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    runner = interpreter.Interpreter(str(path)).get_signature_runner()
    (made,) = runner(**inputs).values()
    return made


# Keras looks at np.object, and LiteRT's package at pkg_resources.
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("export", "package", "file", "run"),
    [
        (export_onnx, "tf2onnx", "x.onnx", _onnx),
        (export_litert, "ai_edge_litert", "x.tflite", _litert),
    ],
)
def test_agrees_with_the_model(
    gan, labelled, translating, export, package, file, run, tmp_path
):
    pytest.importorskip(package)
    z = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    path = export(gan, tmp_path / file)
    np.testing.assert_allclose(run(path, z=z), gan.sample(z), atol=1e-5)
    with pytest.raises(FileExistsError):
        export(gan, path)
    labels = np.array([0, 1, 2, 1, 0], "int32")
    path = export(labelled, path, overwrite=True)
    made = run(path, z=z, labels=labels)
    np.testing.assert_allclose(made, labelled.sample(z, labels), atol=1e-5)
    images = z.reshape(1, 2, 10, 1)
    path = export(translating, path, direction="enlarge", overwrite=True)
    twice = images.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(run(path, images=images), twice, atol=1e-6)
    assert [p.name for p in tmp_path.iterdir()] == [file]
