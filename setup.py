"""Packaging of gan_zoo; tool settings live in pyproject.toml."""

import pathlib

from setuptools import find_packages, setup

HERE = pathlib.Path(__file__).parent

setup(
    name="gan_zoo",
    version="0.1.0",
    description="The GAN model zoo for TensorFlow and Keras",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["gan_zoo", "gan_zoo.*"]),
    package_data={
        "gan_zoo.data": ["samples/*"],
        "gan_zoo.metrics": ["*.npz"],
    },
    # The lowest of these and of "test" pass the tests together on Python 3.11.
    install_requires=[
        "tensorflow>=2.21",
        "keras>=3.15",
        "tensorflow-datasets>=4.9.10",
        "importlib_resources",  # tfds 4.9.10 imports it without requiring it
        "absl-py>=2.3",
        "numpy>=1.26",
        "scipy>=1.13",
        "pillow>=10.3",
        "matplotlib>=3.9",
        "tensorboard>=2.20",
    ],
    extras_require={
        "test": [
            "pytest>=8.2",
            "pytest-xdist>=3.8",
            "ruff>=0.13",
            "tensorflow-serving-api>=2.20",
        ],
        "gpu": ["tensorflow[and-cuda]>=2.21"],
        "serving": ["tensorflow-serving-api>=2.20", "grpcio"],
        "export": ["tf2onnx", "onnxruntime", "ai-edge-litert"],
        "tfa": ["tensorflow-addons==0.23.0; python_version<'3.12'", "tf_keras>=2.21"],
    },
)
