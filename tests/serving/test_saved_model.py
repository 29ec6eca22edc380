import logging
import resource
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from serving.alone import called_alone
from tensorflow.core.protobuf import saved_model_pb2

from gan_zoo.serving import export, load

# What the console script saved_model_cli does, twice.
TWO_COMMANDS = """
import sys
from tensorflow.python.tools.saved_model_cli import main
for command in sys.argv[1:]:
    sys.argv[1:] = command.split()
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
"""


def test_tensorflow_alone_gives_the_models_own_images(
    gan, exported, as_bytes, tmp_path
):
    z = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")
    requests = [{"n": np.int32(n), "seed": np.int64(7)} for n in (0, 3, 250)]
    latents, *made = called_alone(
        exported,
        tmp_path,
        ("serving_default", {"z": z}),
        *(("generate", request) for request in requests),
        *(("generate_png", request) for request in requests),
    )
    np.testing.assert_array_equal(latents["images"], gan.sample_in_batches(z))
    for request, arrays, files in zip(requests, made[:3], made[3:], strict=True):
        n = int(request["n"])
        images = as_bytes(gan.generate(n, seed=7))
        assert arrays["images"].dtype == np.uint8
        np.testing.assert_array_equal(arrays["images"], images)
        decoded = [tf.io.decode_png(png).numpy() for png in files["png_bytes"]]
        assert len(decoded) == n
        np.testing.assert_array_equal(np.reshape(decoded, (n, 8, 8, 3)), images)


def test_exports_the_average_and_nothing_else(gan, exported):
    z = tf.random.stateless_normal((3, 4), (0, 1))
    made = load(exported).sample(z)
    np.testing.assert_array_equal(made, gan.graph_of("sample")(z))
    assert np.abs(made - gan.generator(z)).max() > 1e-3
    np.testing.assert_allclose(made, gan.average_generator(z), atol=1e-6)
    saved = dict(tf.train.list_variables(str(exported / "variables" / "variables")))
    del saved["_CHECKPOINTABLE_OBJECT_GRAPH"]
    wanted = [tuple(v.shape) for v in gan.average_generator.weights]
    assert sorted(map(tuple, saved.values())) == sorted(wanted)


def test_a_server_that_ignores_shapes_gets_errors_and_goes_on(exported):
    # As the C++ servers do: feed the graph without looking at the signature's shapes,
    # and use the signature's defaults.
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        signatures = _loose_graph(session, exported)
        default, generate = signatures["serving_default"], signatures["generate"]
        images = default.outputs["images"].name
        for shape in ((2, 5), (4,), (2, 4, 1), ()):
            with pytest.raises(tf.errors.InvalidArgumentError, match="expected shape"):
                session.run(images, {default.inputs["z"].name: np.zeros(shape)})
        made = session.run(images, {default.inputs["z"].name: np.zeros((2, 4))})
        assert made.shape == (2, 8, 8, 3)
        images, n = generate.outputs["images"].name, generate.inputs["n"].name
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(images, {n: [1, 2]})
        assert generate.defaults["seed"].int64_val == [0]
        made = session.run(images, {n: 3})
    np.testing.assert_array_equal(made, load(exported).generate(3, seed=0))


def _loose_graph(session, path):
    proto = saved_model_pb2.SavedModel()
    proto.ParseFromString((path / "saved_model.pb").read_bytes())
    (meta,) = proto.meta_graphs
    for node in meta.graph_def.node:
        if node.op in ("Placeholder", "PlaceholderWithDefault"):
            node.attr["shape"].shape.Clear()
            node.attr["shape"].shape.unknown_rank = True
            node.attr.pop("_output_shapes", None)
    tf.import_graph_def(meta.graph_def, name="")
    saver = meta.saver_def
    prefix = str(path / "variables" / "variables")
    session.run(saver.restore_op_name, {saver.filename_tensor_name: prefix})
    return meta.signature_def


def test_saved_model_cli_shows_and_runs(exported, tmp_path):
    show = f"show --all --dir {exported}"
    run = f"run --dir {exported} --tag_set serve --signature_def generate"
    run += f" --input_exprs n=3;seed=7 --outdir {tmp_path}"
    shown = subprocess.run(
        [sys.executable, "-c", TWO_COMMANDS, show, run],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    for name in ("serving_default", "generate", "generate_png", "inputs['seed']"):
        assert name in shown
    made = np.load(tmp_path / "images.npy")
    np.testing.assert_array_equal(made, load(exported).generate(3, 7))


def test_overwrites_only_when_told(gan, tmp_path):
    path = tmp_path / "gan" / "1"
    export(gan, path, data="first")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        export(gan, path, data="second")
    assert load(path).card["data"] == "first"
    export(gan, path, data="third", overwrite=True)
    assert load(path).card["data"] == "third"
    assert sorted(p.name for p in path.parent.iterdir()) == ["1", "model.config"]


@pytest.mark.parametrize("name", ["photos", "photos/deep/.."])
def test_a_folder_with_other_files_is_never_replaced(gan, tmp_path, name):
    (tmp_path / "photos" / "deep").mkdir(parents=True)
    (tmp_path / "photos" / "a.png").write_text("a picture")
    for overwrite in (False, True):
        with pytest.raises(FileExistsError, match="other files, which would be lost"):
            export(gan, tmp_path / name, overwrite=overwrite)
    assert (tmp_path / "photos" / "a.png").read_text() == "a picture"


def test_a_full_disk_leaves_what_was_there(gan, tmp_path):
    path = export(gan, tmp_path / "gan" / "1", data="first")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OSError, match="Could not write"):
            export(gan, path, overwrite=True)
        with pytest.raises(OSError, match="Could not write"):
            export(gan, tmp_path / "new" / "1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert load(path).card["data"] == "first"
    assert sorted(p.name for p in path.parent.iterdir()) == ["1", "model.config"]
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_said_so(gan, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file" / "1", "/proc/gan/1"):
        with pytest.raises(OSError, match="Check that the folder can be written"):
            export(gan, path)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_path_without_a_version_is_noted(gan, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        export(gan, tmp_path / "newest")
    assert "version number" in caplog.text
    assert [p.name for p in tmp_path.iterdir()] == ["newest"]
    assert load(tmp_path / "newest").generate(1).shape == (1, 8, 8, 3)


def test_refuses_what_it_cannot_export(gan, tmp_path):
    with pytest.raises(TypeError, match="latent_dim"):
        export(keras.Sequential([keras.Input((1,))]), tmp_path / "1")
    with pytest.raises(ValueError, match="max_images of at least 1, got 0"):
        export(gan, tmp_path / "1", max_images=0)
    with pytest.raises(ValueError, match="local path"):
        export(gan, "gs://bucket/gan/1")
    assert not list(tmp_path.iterdir())


def test_the_folder_is_as_open_as_any_other(exported, tmp_path):
    # tempfile's own folders are closed to everyone else.
    beside = tmp_path / "beside"
    beside.mkdir()
    assert exported.stat().st_mode == beside.stat().st_mode
