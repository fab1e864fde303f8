"""Stands for an installation of torch that cannot be loaded."""

raise ImportError("libtorch_cpu.so: cannot open shared object file")
