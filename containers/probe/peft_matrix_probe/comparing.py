"""How far outputs are from the expected ones, and short lists of names."""

from typing import Any, Callable, Dict, Iterable, List, Optional

from peft_matrix_probe.names import canonical
from peft_matrix_probe.sketch import as_float64, norm, shorten
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import evaluate, gradient_by

#: Names that a list in an observation has at most: the first ones say what kind it is.
MOST_NAMES = 8


def distance(values: Any, expected: Any) -> float:
    """Return the norm of the difference of two float64 arrays over that of ``expected``: dimensionless.

    Infinite where their shapes differ, which no number says.
    """
    if values.shape != expected.shape:
        return float("inf")
    scale = norm(expected)
    difference = norm(values - expected)
    return shorten(difference / scale) if scale else difference


def outputs_of(state: CellState, model: Any, **more: Any) -> Any:
    """Return the model's outputs on the fixed batch: float64 array of the shape of ``state.outputs``."""
    return as_float64(evaluate(state, model, **more))


def gradient_of(state: CellState, model: Any) -> Optional[Any]:
    """Return the gradient of the loss on the fixed batch by the base's first parameter: float64, of its shape.

    None where the adapter left no such parameter.
    """
    parameter = parameters_of(model).get(state.first)
    return None if parameter is None else as_float64(gradient_by(state, model, parameter))


def drift(state: CellState, model: Any) -> float:
    """Return how far the model's outputs are from those of the trained one."""
    return distance(outputs_of(state, model), state.outputs)


def attempt(work: Callable[[], float]) -> Dict[str, Any]:
    """Return the ``distance`` that ``work`` comes to, or what it ``raised``: for what may be refused."""
    try:
        return {"distance": work()}
    except Exception as error:
        return {"raised": type_name(error)}


def type_name(error: BaseException) -> str:
    """Return the qualified name of an exception's type, below builtins without its module."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def some(names: Iterable[str]) -> List[str]:
    """Return the first names in order."""
    return sorted(set(names))[:MOST_NAMES]


def parameters_of(model: Any) -> Dict[str, Any]:
    """Return canonical name to parameter, with all names of tied ones."""
    return {canonical(name): parameter for name, parameter in model.named_parameters(remove_duplicate=False)}


def belongs_to(name: str, adapter: str) -> bool:
    """Return whether a tensor of this name is that adapter's: its name is a part of the path."""
    return adapter in name.split(".")
