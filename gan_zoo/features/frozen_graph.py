"""Runs a frozen classifier of TensorFlow 1 in TensorFlow 2."""

import hashlib
import pathlib

import tensorflow as tf


class FrozenClassifier:
    """A frozen graph from images to features and logits.

    The logits are features · W without the bias, as for every Inception Score (see
    `gan_zoo.features.inception`). Only the nodes between images and features are kept.
    The input is a batch of images. The original graph decodes and resizes one image.

    One operation is replaced: `BatchNormWithGlobalNormalization`, which TensorFlow 2
    refuses to run outside a session, becomes `FusedBatchNormV3` in inference mode,
    (x − mean) · γ / √(var + ε) + β, without γ if the graph has none.

    Args:
        path: file of a serialised `GraphDef`.
        images: name of the node whose output is the images (n, h, w, 3), float32.
        features: name of the node whose output is the features (n, 1, 1, d).
        logits: name of the matrix product whose second input is W (d, classes).

    Attributes:
        dim: number of features.
        classes: number of logits.
        digest: SHA-256 of the file.

    Raises:
        ValueError: if the file is not a frozen graph or lacks one of the nodes.
    """

    def __init__(self, path, images, features, logits):
        content = pathlib.Path(path).read_bytes()
        self.digest = hashlib.sha256(content).hexdigest()
        nodes = {node.name: node for node in _parsed(content, path).node}
        missing = {images, features, logits} - set(nodes)
        if missing:
            raise ValueError(
                f"Expected a graph with the nodes {sorted(missing)} in {path}, got "
                f"{len(nodes)} others, such as {list(nodes)[:5]}."
            )
        kernel = nodes[logits].input[1]
        needed = _needed(nodes, (features, _node(kernel)), images)
        graph = tf.compat.v1.GraphDef(node=[nodes[name] for name in needed])
        for node in list(graph.node):
            if node.op == "BatchNormWithGlobalNormalization":
                _replace_batch_norm(graph, node)
        # TensorFlow warns about older versions, and no old operation is left.
        graph.versions.producer = tf.version.GRAPH_DEF_VERSION
        # Made here, and not inside the first function or strategy that calls it.
        with tf.init_scope():
            self._run = _function(graph, images, features, kernel)
        self.dim, self.classes = (out.shape[-1] for out in self._run.outputs)

    def __call__(self, images):
        """Features (n, d) and logits (n, classes) of images (n, h, w, 3)."""
        return self._run(images)


def _function(graph, images, features, kernel):
    # Weights are captured tensors. As constants they would be copied into each function
    # that TensorFlow traces: 95 MB of weights made a traced metric take 2.5 GB.
    tensors = {
        node.name: tf.constant(tf.make_ndarray(node.attr["value"].tensor))
        for node in graph.node
        if node.op == "Const" and node.ByteSize() > 1000
    }
    small = [node for node in graph.node if node.name not in tensors]
    graph = tf.compat.v1.GraphDef(node=small, versions=graph.versions)
    taken = {_node(source) for node in small for source in node.input}

    def run(batch):
        # TensorFlow refuses inputs that no node uses, such as the kernel.
        inputs = {n: tf.identity(t) for n, t in tensors.items() if n in taken}
        maps, *rest = tf.graph_util.import_graph_def(
            graph,
            input_map={f"{n}:0": t for n, t in (inputs | {images: batch}).items()},
            return_elements=[
                _output(name) for name in (features, kernel) if name not in tensors
            ],
        )
        weights = rest[0] if rest else tensors[kernel]
        vectors = tf.reshape(maps, (-1, maps.shape[-1]))
        return vectors, tf.matmul(vectors, weights)

    signature = tf.TensorSpec((None, None, None, 3), "float32")
    return tf.function(run, autograph=False).get_concrete_function(signature)


def _parsed(content, path):
    try:
        return tf.compat.v1.GraphDef.FromString(content)
    except Exception as error:  # protobuf's DecodeError, of whichever implementation
        raise ValueError(
            f"Expected a frozen graph of TensorFlow in {path}, got something else: "
            f"{error}"
        ) from error


def _node(name):
    return name.removeprefix("^").partition(":")[0]


def _needed(nodes, outputs, until):
    """Names of the nodes `outputs` and of all their inputs, except `until`."""
    needed, waiting = {}, list(outputs)  # a dict keeps the order
    while waiting:
        name = waiting.pop()
        if name != until and name not in needed:
            needed[name] = True
            waiting.extend(_node(source) for source in nodes[name].input)
    return needed


def _output(name):
    return name if ":" in name else f"{name}:0"


def _replace_batch_norm(graph, node):
    """Replaces a batch normalisation by one that TensorFlow 2 can run."""
    x, mean, variance, beta, gamma = node.input
    epsilon = node.attr["variance_epsilon"].f
    scaled = node.attr["scale_after_normalization"].b
    node.op = "FusedBatchNormV3"
    node.attr.clear()
    for name in ("T", "U"):
        node.attr[name].type = tf.float32.as_datatype_enum
    node.attr["epsilon"].f = epsilon
    node.attr["is_training"].b = False
    del node.input[:]
    if not scaled:
        ones = graph.node.add(name=f"{node.name}/ones", op="OnesLike", input=[gamma])
        ones.attr["T"].type = tf.float32.as_datatype_enum
        gamma = ones.name
    node.input.extend([x, gamma, beta, mean, variance])
