"""Exported models in a process where neither this package nor Keras can be imported."""

import pickle
import subprocess
import sys

# TensorFlow alone: the call of each endpoint, and what it gives.
STRANGER = """
import importlib.machinery
import pickle
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("gan_zoo", "keras", "tf_keras"):
            return importlib.machinery.ModuleSpec(name, self, origin="/refused/x.py")
    def create_module(self, spec):
        raise ImportError("refused: " + spec.name)
sys.meta_path.insert(0, Refuse())
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
made = []
for endpoint, inputs in pickle.load(open(sys.argv[2], "rb")):
    given = {name: tf.constant(value) for name, value in inputs.items()}
    outputs = model.signatures[endpoint](**given)
    made.append({name: tensor.numpy() for name, tensor in outputs.items()})
assert not {"gan_zoo", "keras"} & set(sys.modules)
pickle.dump(made, open(sys.argv[3], "wb"))
"""


def called_alone(path, folder, *calls):
    """What an exported model answers to calls, in a process with TensorFlow alone.

    Args:
        path: the exported model.
        folder: where files may be written.
        *calls: pairs of an endpoint and a dict of its inputs, numpy arrays.

    Returns:
        A list of dicts of numpy arrays, one for each call.
    """
    (folder / "calls.pickle").write_bytes(pickle.dumps(calls))
    arguments = path, folder / "calls.pickle", folder / "made.pickle"
    subprocess.run(
        [sys.executable, "-I", "-c", STRANGER, *arguments],
        cwd=folder,
        check=True,
        timeout=240,
        capture_output=True,
    )
    return pickle.loads((folder / "made.pickle").read_bytes())
