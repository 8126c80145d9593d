"""Facts near a question: typed graph queries chosen by its form, its relation and its concepts, said in sentences.

Owns which facts answer what, how a fact about one concept counts for another, and the sentences they are told in. Does
not know passages, budgets or language models.
"""

from .finder import FactFinder

__all__ = ["FactFinder"]
