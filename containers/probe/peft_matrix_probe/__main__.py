"""``python -m peft_matrix_probe``: shake hands, then answer requests until stdin ends."""

import sys
import time
from typing import List, NoReturn

from peft_matrix_probe.arguments import parse_arguments
from peft_matrix_probe.frames import describe_exception
from peft_matrix_probe.libraries import import_libraries, installed_versions
from peft_matrix_probe.messages import encode, write_all
from peft_matrix_probe.surroundings import (
    arrange_environment,
    gone_with_the_harness,
    take_stdout,
    use_hash_seed,
)

#: Exit status when torch, transformers or PEFT cannot be imported.
IMPORT_FAILED = 3


def main(arguments: List[str]) -> NoReturn:
    """Run the probe, or one cold rank of it."""
    options = parse_arguments(arguments)
    if options.hash_seed is not None:
        use_hash_seed(options.hash_seed, arguments)
    arrange_environment(options.device)
    if options.task:
        from peft_matrix_probe.cold import live_cold

        live_cold(options.task, options.program)
    protocol_fd = take_stdout()
    began = time.monotonic()
    try:
        with gone_with_the_harness():
            import_libraries()
    except BaseException as error:
        failure = {"versions": installed_versions(options.watch), **describe_exception(error)}
        write_all(protocol_fd, encode({"importFailure": failure}))
        sys.exit(IMPORT_FAILED)
    import_ms = (time.monotonic() - began) * 1000

    from peft_matrix_probe.opening import open_server

    open_server(protocol_fd, options, import_ms).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
