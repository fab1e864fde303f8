"""Lets a module be made from another text than its file has: everything else about it stays as it is."""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType
from typing import Callable, Optional, Sequence

#: Gives the text of a module from its name and the bytes of its file; None for a module that is loaded as usual.
Text = Callable[[str, bytes], Optional[bytes]]


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, text: bytes) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        """Compile the text, without a look at ``__pycache__``."""
        return compile(self._text, self.get_filename(fullname), "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, package: str, text: Text) -> None:
        self._prefix = package + "."
        self._text = text

    def find_spec(
        self,
        fullname: str,
        path: Optional[Sequence[str]] = None,
        target: Optional[object] = None,  # noqa: ARG002 - the signature is Python's
    ) -> Optional[ModuleSpec]:
        if not fullname.startswith(self._prefix):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None or not isinstance(spec.loader, SourceFileLoader):
            return spec
        text = self._text(fullname, spec.loader.get_data(spec.origin))
        if text is not None:
            spec.loader = _Loader(fullname, spec.origin, text)
        return spec


def plant(package: str, text: Text) -> None:
    """From now on, modules below a package are made from the text that ``text`` gives.

    Raises RuntimeError when one of them has been imported: its classes and functions would be about.
    """
    early = [name for name in sys.modules if name == package or name.startswith(package + ".")]
    if early:
        raise RuntimeError(f"already imported: {', '.join(sorted(early)[:3])}")
    sys.meta_path.insert(0, _Finder(package, text))
