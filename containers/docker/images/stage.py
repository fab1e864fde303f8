"""Runs inside the container that becomes a stage of an image: makes the environment, compiles what the stage brings.

    python3 stage.py VERSION FOLDER...

VERSION is the Python that the lock asks for. The program is gone when it is done, so that no layer holds it.
"""

import multiprocessing
import os
import py_compile
import sys
import venv

ENVIRONMENT = "/opt/environment"
ROOT = "/opt/peft-matrix"

#: Compiled in one process each, so that a file's code does not depend on which process had time for it.
FILES_AT_ONCE = 50


def main(version, *folders):
    """Make a stage; says on stderr why it cannot."""
    found = "%d.%d" % sys.version_info[:2]
    if found != version:
        sys.exit("the base image has Python %s, the lock asks for %s" % (found, version))
    if not os.path.exists(ENVIRONMENT):
        make_environment(found)
    files = sorted(path for folder in folders for path in python_files(folder))
    chunks = [files[start : start + FILES_AT_ONCE] for start in range(0, len(files), FILES_AT_ONCE)]
    with multiprocessing.Pool(maxtasksperchild=1) as pool:
        for _ in pool.imap_unordered(compile_files, chunks, chunksize=1):
            pass
    os.remove(__file__)


def make_environment(version):
    """Make an environment that sees nothing of the base image's own packages, and everything of the stages."""
    venv.EnvBuilder(symlinks=True, with_pip=False).create(ENVIRONMENT)
    packages = os.path.join(ENVIRONMENT, "lib", "python" + version, "site-packages")
    with open(os.path.join(packages, "peft-matrix.pth"), "w") as file:
        # A folder of packages is added as such, for packages bring .pth files of their own.
        for stage in ("torch", "libraries", "transformers", "peft"):
            file.write("import site; site.addsitedir('%s/%s/site-packages')\n" % (ROOT, stage))
        file.write(ROOT + "/probe\n")


def python_files(folder):
    """Return every Python file below a folder."""
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".py"):
                yield os.path.join(place, name)


def compile_files(paths):
    """Compile files in a way that depends on their content alone."""
    for path in paths:
        try:
            py_compile.compile(path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        except (py_compile.PyCompileError, UnicodeDecodeError):
            pass  # templates, and code for other Pythons: whoever imports them gets the error


if __name__ == "__main__":
    main(*sys.argv[1:])
