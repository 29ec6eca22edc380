"""Classifiers that learn from generated images as well."""
