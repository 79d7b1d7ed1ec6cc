"""Measurements beside what they are compared with: ``python -m tests.benchmarks``."""
