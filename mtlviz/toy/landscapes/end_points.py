"""Where walks over the two valleys end, and how little it takes to end elsewhere: measured."""

from dataclasses import dataclass

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Told:
    """Coordinate x₁ at the end of 100,000 steps of Adam (1e-3) from the three published starts.

    Attributes:
        here: With the method's exact formula.
        moved: Least and greatest over nine starts within 1e-9 of the published one.
        added: With 1e-8 added to the denominators, or None where it was not tried.
    """

    here: Triple
    moved: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    added: Triple | None


# Measured; slow tests hold the numbers.
TOLD: dict[str, Told] = {
    "pcgrad": Told(
        (-2.58, -6.43, 2.28), ((-4.04, -2.09), (-6.43, -6.43), (2.09, 4.0)), (0.0, 0.0, 0.0)
    ),
    "mgda": Told(
        (-3.32, -6.99, 3.33), ((-3.32, -3.32), (-6.99, -6.99), (3.33, 3.33)), (-5.81, -7.0, -3.62)
    ),
    "nash": Told(
        (-2.9, -6.26, 2.9), ((-2.9, -2.9), (-6.26, -6.26), (2.9, 2.9)), (-2.91, -6.45, 2.93)
    ),
    "imtl_g": Told((-2.39, -6.65, 2.25), ((-2.41, -2.29), (-6.69, -6.65), (2.14, 2.25)), None),
    "cagrad": Told((0.0, 0.0, 0.0), ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0)), None),
}
