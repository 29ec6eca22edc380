"""Whether a change of the code moved any weight: digests of all of them after 10 steps.

    python benchmarks/same_weights.py record before.json    # in a checkout of before
    python benchmarks/same_weights.py record after.json     # in a checkout of after
    python benchmarks/same_weights.py compare before.json after.json

Every system of `tests/models` is trained for ten steps with its paper's
optimizers, from two seeds, with and without averaged weights; with `--replicas=2` on
two replicas. Digests are equal where every bit is, so both records must come from one
machine.
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEPS = 10
SEEDS = (0, 1)
DECAYS = (None, 0.9)  # of the averaged weights; None for none


def digest(variable):
    value = getattr(variable, "value", variable).numpy()
    text = f"{value.dtype}{value.shape}".encode()
    return hashlib.sha256(text + value.tobytes()).hexdigest()[:16]


def record(path, replicas, only):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import keras
    import tensorflow as tf

    scope = contextlib.nullcontext
    if replicas > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        logical = [tf.config.LogicalDeviceConfiguration()] * replicas
        tf.config.set_logical_device_configuration(cpu, logical)
        scope = tf.distribute.MirroredStrategy(
            [f"CPU:{i}" for i in range(replicas)]
        ).scope
    tf.config.experimental.enable_op_determinism()
    from models import systems

    digests = {}
    for name, system in systems.SYSTEMS.items():
        if only and name not in only:
            continue
        for seed in SEEDS:
            for ema in DECAYS:
                keras.utils.set_random_seed(seed)
                with scope():
                    model = system.tiny()
                    config = model.get_config() | {"ema": ema, "seed": seed}
                    model = type(model).from_config(config)
                model.compile()
                data = systems.data_for(model, 4 * replicas, STEPS)
                model.fit(data, verbose=0)
                optimizers = [model.optimizer_of(player) for player in model.players]
                variables = model.weights + [v for o in optimizers for v in o.variables]
                digests[f"{name}, seed {seed}, ema {ema}"] = sorted(
                    map(digest, variables)
                )
                keras.backend.clear_session()
        print(name, flush=True)
        path.write_text(json.dumps(digests, indent=1))


def compare(before, after):
    before, after = (json.loads(path.read_text()) for path in (before, after))
    differing = [name for name in before if before[name] != after.get(name)]
    print(f"{len(before)} trainings, {len(differing)} with other weights")
    print("\n".join(differing))
    return int(bool(differing))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["record", "compare"])
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of systems")
    values = parser.parse_args()
    if values.command == "compare":
        sys.exit(compare(*values.files))
    record(*values.files, values.replicas, values.only)


if __name__ == "__main__":
    main()
