"""How well the product answers, measured by one command over question sets that users or benchmarks bring."""

from .running import Suite, evaluate, parse_requests

__all__ = ["Suite", "evaluate", "parse_requests"]
