"""Lets tools that look for a setup.py build gan_zoo; pyproject.toml describes it."""

from setuptools import setup

setup()
