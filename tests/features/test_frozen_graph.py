import numpy as np
import pytest
import tensorflow as tf
from features import small_inception

from gan_zoo.features.frozen_graph import FrozenClassifier

NODES = ("ExpandDims", "pool_3", "softmax/logits/MatMul")


def levels(n, height, width):
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, (n, height, width, 3)).astype("float32")


@pytest.mark.parametrize("scaled", [True, False])
def test_answers_as_the_graph_in_a_session(tmp_path, scaled):
    path = small_inception.write(tmp_path / "graph.pb", scaled=scaled)
    images = levels(3, 20, 31)
    wanted = small_inception.run_in_a_session(
        small_inception.graph_def(scaled=scaled), images
    )
    classifier = FrozenClassifier(path, *NODES)
    assert (classifier.dim, classifier.classes) == (12, 10)
    for found, value in zip(classifier(tf.constant(images)), wanted, strict=True):
        assert np.std(value) > 0.1
        np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-6)


def test_runs_inside_a_function_of_unknown_shapes(tmp_path):
    classifier = FrozenClassifier(small_inception.write(tmp_path / "g.pb"), *NODES)
    signature = [tf.TensorSpec((None, None, None, 3))]
    outer = tf.function(lambda x: classifier(x)[0], input_signature=signature)
    for images in (levels(2, 16, 16), levels(1, 299, 299)):
        np.testing.assert_allclose(outer(images), classifier(images)[0], rtol=1e-6)
    assert outer.experimental_get_tracing_count() == 1


def test_functions_around_it_hold_no_copy_of_the_weights(tmp_path):
    """95 MB of constants in each made a traced metric take 2.5 GB."""
    path = small_inception.write(tmp_path / "graph.pb")
    classifier = FrozenClassifier(path, *NODES)
    spec = tf.TensorSpec((None, 16, 16, 3))
    traced = tf.function(lambda x: classifier(x)[0]).get_concrete_function(spec)
    graph = traced.graph.as_graph_def()
    inner = [node for f in graph.library.function for node in f.node_def]
    assert any(node.op == "FusedBatchNormV3" for node in inner)
    largest = max(node.ByteSize() for node in [*graph.node, *inner])
    assert largest < 1000 < small_inception.FILTERS * 75 * 4  # bytes of the kernel


def test_another_graph_is_named(tmp_path):
    path = small_inception.write(tmp_path / "graph.pb")
    with pytest.raises(ValueError, match=r"Expected .* the nodes \['pool_4'\]"):
        FrozenClassifier(path, "ExpandDims", "pool_4", "softmax/logits/MatMul")
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(ValueError, match="Expected a frozen graph of TensorFlow"):
        FrozenClassifier(path, *NODES)
