"""Cannot even be imported."""

raise ImportError("this program needs a library that nobody has")
