"""Confidence intervals of shares and of means over questions, as `clinigraph evaluate` computes them."""

from clinigraph.evaluating.intervals import bootstrap_mean, wilson

__all__ = ["bootstrap_mean", "wilson"]
