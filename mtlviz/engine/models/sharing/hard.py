"""Hard sharing: one encoder for all tasks."""

from mtlviz.engine.models.sharing.method import SharingMethod


class Hard(SharingMethod):
    """Share the whole encoder; only the heads belong to single tasks.

    Task k answers A_k(f(x; θ)): the encoder θ is everybody's, the head A_k its own.

    Reference:
        Caruana, 1997; eq. 1 of Wu, Zhang, Ré, ICLR 2020.
    """
