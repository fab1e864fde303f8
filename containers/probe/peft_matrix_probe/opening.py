"""From imported libraries to a server that has shaken hands."""

import argparse
import gc
from typing import List, Optional

from peft_matrix_probe.capabilities import find_capabilities
from peft_matrix_probe.hello import hello
from peft_matrix_probe.loading import loader
from peft_matrix_probe.preload import preload
from peft_matrix_probe.serve import Server, Settings
from peft_matrix_probe.surroundings import gone_with_the_harness
from peft_matrix_probe.warming import warm_up


def open_server(protocol_fd: int, options: argparse.Namespace, import_ms: float) -> Server:
    """Warm this process up, find out what it can do, say hello, and return the server."""
    server = Server(protocol_fd, Settings(loader(options.program), _cold_arguments(options), devices=0))
    preloaded: List[str] = []
    if not options.cold:
        if not options.program:
            preloaded = preload(options.preload, options.device, server)
        with gone_with_the_harness():
            warm_up(options.device)
        # Keeps the collector from touching, and so copying, every page that forks share.
        gc.collect()
        gc.freeze()
    capabilities = find_capabilities(options.device)
    server.settings = server.settings._replace(devices=capabilities["devices"])
    server.send({"hello": hello(options.device, options.watch, capabilities, preloaded, import_ms)})
    return server


def _cold_arguments(options: argparse.Namespace) -> Optional[List[str]]:
    if not options.cold:
        return None
    return ["--device", options.device, *(["--program", options.program] if options.program else [])]
