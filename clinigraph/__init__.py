"""What people use (floor 4): question answering, differential diagnosis, the command line.

The one place that wires objects together. Does not know how anything below is stored.
"""
