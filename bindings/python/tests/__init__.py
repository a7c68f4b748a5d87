"""Tests of the Python package: `python -m unittest discover -t bindings/python -s bindings/python/tests`."""
