"""Metrics, one file each: quality of data, drift from the reference, performance of the model."""
