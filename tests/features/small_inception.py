"""A frozen graph of a few kilobytes with the layout of the 2015 Inception graph.

Same node names, order of operations and GraphDef version, made of the same old
operations; one convolution where the original has 94.
"""

import numpy as np
import tensorflow as tf

FILTERS, FEATURES, CLASSES = 6, 12, 10
# The version before the one from which BatchNormWithGlobalNormalization is refused.
PRODUCER = 8


def graph_def(scaled=True, seed=0):
    """A GraphDef; `scaled` says whether the normalisation uses gamma."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.normal(size=shape).astype("float32")

    graph = tf.compat.v1.GraphDef()
    graph.versions.producer = PRODUCER

    def node(name, op, *inputs, **attrs):
        made = graph.node.add(name=name, op=op, input=inputs)
        for key, value in attrs.items():
            if isinstance(value, tf.DType):
                made.attr[key].type = value.as_datatype_enum
            elif isinstance(value, bool):
                made.attr[key].b = value
            elif isinstance(value, float):
                made.attr[key].f = value
            elif isinstance(value, bytes):
                made.attr[key].s = value
            elif isinstance(value, int):
                made.attr[key].i = value
            elif isinstance(value, list):
                made.attr[key].list.i.extend(value)
            else:
                made.attr[key].tensor.CopyFrom(tf.make_tensor_proto(value))
        return name

    def const(name, value):
        value = np.asarray(value)
        return node(name, "Const", dtype=tf.as_dtype(value.dtype), value=value)

    f32 = tf.float32
    node("DecodeJpeg/contents", "Placeholder", dtype=tf.string)
    node("DecodeJpeg", "DecodeJpeg", "DecodeJpeg/contents", channels=3)
    node("Cast", "Cast", "DecodeJpeg", SrcT=tf.uint8, DstT=f32)
    const("ExpandDims/dim", np.int32(0))
    node("ExpandDims", "ExpandDims", "Cast", "ExpandDims/dim", T=f32)
    const("ResizeBilinear/size", np.array([299, 299], "int32"))
    node("ResizeBilinear", "ResizeBilinear", "ExpandDims", "ResizeBilinear/size", T=f32)
    const("Sub/y", np.float32(128))
    node("Sub", "Sub", "ResizeBilinear", "Sub/y", T=f32)
    const("Mul/y", np.float32(1 / 128))
    node("Mul", "Mul", "Sub", "Mul/y", T=f32)
    const("conv/conv2d_params", normal(5, 5, 3, FILTERS) / 5)
    node(
        "conv/Conv2D",
        "Conv2D",
        "Mul",
        "conv/conv2d_params",
        T=f32,
        strides=[1, 8, 8, 1],
        padding=b"VALID",
    )
    const("conv/batchnorm/beta", normal(FILTERS))
    const("conv/batchnorm/gamma", normal(FILTERS) + 2)
    const("conv/batchnorm/moving_mean", normal(FILTERS))
    const("conv/batchnorm/moving_variance", normal(FILTERS) ** 2 + 0.1)
    node(
        "conv/batchnorm",
        "BatchNormWithGlobalNormalization",
        "conv/Conv2D",
        "conv/batchnorm/moving_mean",
        "conv/batchnorm/moving_variance",
        "conv/batchnorm/beta",
        "conv/batchnorm/gamma",
        T=f32,
        variance_epsilon=0.001,
        scale_after_normalization=scaled,
    )
    node("conv/CheckNumerics", "CheckNumerics", "conv/batchnorm", T=f32, message=b"")
    node("conv/control_dependency", "Identity", "conv/batchnorm", T=f32)
    graph.node[-1].input.append("^conv/CheckNumerics")
    node("conv", "Relu", "conv/control_dependency", T=f32)
    node(
        "mixed/pool",
        "MaxPool",
        "conv",
        T=f32,
        ksize=[1, 3, 3, 1],
        strides=[1, 1, 1, 1],
        padding=b"SAME",
    )
    const("mixed/join/concat_dim", np.int32(3))
    node(
        "mixed/join",
        "Concat",
        "mixed/join/concat_dim",
        "conv",
        "mixed/pool",
        N=2,
        T=f32,
    )
    node(
        "pool_3",
        "AvgPool",
        "mixed/join",
        T=f32,
        ksize=[1, 37, 37, 1],
        strides=[1, 1, 1, 1],
        padding=b"VALID",
    )
    const("pool_3/_reshape/shape", np.array([1, FEATURES], "int32"))
    node("pool_3/_reshape", "Reshape", "pool_3", "pool_3/_reshape/shape", T=f32)
    const("softmax/weights", normal(FEATURES, CLASSES))
    const("softmax/biases", normal(CLASSES))
    node("softmax/logits/MatMul", "MatMul", "pool_3/_reshape", "softmax/weights", T=f32)
    node("softmax/logits", "BiasAdd", "softmax/logits/MatMul", "softmax/biases", T=f32)
    node("softmax", "Softmax", "softmax/logits", T=f32)
    return graph


def write(path, **options):
    path.write_bytes(graph_def(**options).SerializeToString())
    return path


def run_in_a_session(graph, levels):
    """Pool features and logits without bias, as TTUR's and improved-gan's code do it.

    Args:
        graph: GraphDef, run unchanged by a session of TensorFlow 1.
        levels: float images (n, h, w, 3) in [0, 255], fed one by one.
    """
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.graph_util.import_graph_def(graph, name="")
        fetched = ["pool_3:0", "softmax/weights:0"]
        rows = []
        for image in levels:
            pool, weights = session.run(fetched, {"ExpandDims:0": image[None]})
            rows.append(pool.reshape(-1))
    return np.stack(rows), np.stack(rows) @ weights
