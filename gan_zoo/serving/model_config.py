"""The list of models that a TF Serving server reads at its start."""

import pathlib

from google.protobuf import text_encoding

from gan_zoo.files import replacing

FILE = "model.config"


def write_model_config(folder, mount="/models", name=None):
    """Writes `model.config`, by which one TF Serving server serves a folder of models.

    Args:
        folder: folder of models, each a folder of numbered versions, such as `serving`
            with `serving/wgan_gp/1`; or the folder of one model, `serving/wgan_gp`.
        mount: where the server sees the folder of models.
        name: name of the model, for the folder of one; by default the folder's.

    Returns:
        Path of the file: `folder/model.config`. An existing one is replaced.

    Raises:
        FileNotFoundError: when the folder holds no exported model.

    Example:
        gan_zoo.export(gan, "serving/wgan_gp/1")
        gan_zoo.serving.write_model_config("serving")
        # docker run -v "$PWD/serving:/models" tensorflow/serving
        #     --model_config_file=/models/model.config
    """
    folder = pathlib.Path(folder).resolve()
    children = sorted(folder.iterdir()) if folder.is_dir() else []
    names = [child.name for child in children if _versions(child)]
    if _versions(folder):
        names = [name or folder.name]
    if not names:
        raise FileNotFoundError(
            f"Expected exported models in {folder}, such as {folder}/wgan_gp/1, but "
            'found none. Export one first: gan_zoo.export(model, "serving/name/1").'
        )
    entries = "".join(_entry(name, f"{mount.rstrip('/')}/{name}") for name in names)
    path = folder / FILE
    with replacing(path, overwrite=True) as scratch:
        scratch.write_text(f"model_config_list {{\n{entries}}}\n", encoding="utf-8")
    return path


def is_version(name):
    """Whether TF Serving takes a folder of this name for a version of a model."""
    return name.isascii() and name.isdecimal()


def _versions(folder):
    return [
        version
        for version in (folder.iterdir() if folder.is_dir() else [])
        if is_version(version.name) and (version / "saved_model.pb").is_file()
    ]


def _entry(name, base_path):
    def quoted(text):
        return f'"{text_encoding.CEscape(text, as_utf8=True)}"'

    return (
        "  config {\n"
        f"    name: {quoted(name)}\n"
        f"    base_path: {quoted(base_path)}\n"
        '    model_platform: "tensorflow"\n'
        "  }\n"
    )
