"""Plants small faults in PEFT's sources, one at a time, and runs cells of the probe on them.

``mutator.py`` lists faults, ``nursery.py`` runs probes that have one.
"""
