"""Readers of upstream files: one module and one ``read_<source>`` each, all yielding the same kinds of record.

A reader takes open binary files and a release, and yields concepts, facts, descriptions and identity matches as the
source states them. It fuses nothing and fetches nothing.
"""
