"""A cell as a script under ``torchrun``: ``torchrun --nproc-per-node 2 torchrun_cell.py REQUEST.json FOLDER``.

The same phases as in the probe, in processes that nobody prepared; rank 0 leaves its facts in ``FOLDER/facts.json``.
"""

import json
import os
import sys

from peft_matrix_probe.surroundings import arrange_environment


def main(request_path: str, folder: str) -> None:
    """Import, join, run the phases, leave."""
    arrange_environment("cpu")
    from peft_matrix_probe.cell import run_phases
    from peft_matrix_probe.libraries import import_libraries
    from peft_matrix_probe.messages import encode
    from peft_matrix_probe.state import CellState

    import_libraries()
    import torch.distributed as dist

    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    rank = int(os.environ["RANK"])
    dist.init_process_group("gloo")
    facts = run_phases(CellState(request, rank, "gloo", "cpu", folder))
    if rank == 0:
        with open(os.path.join(folder, "facts.json"), "wb") as file:
            file.write(encode(facts))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
