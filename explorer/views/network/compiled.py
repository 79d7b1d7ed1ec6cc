"""All compiled kernels of drawing, to be loaded together. No Qt here."""

from explorer.views.network.disc_kernel import discs
from explorer.views.network.strands import GROUPS, LEVELS, MARGIN, PARTS, count, lay
from explorer.views.network.sweep import colour, sweep

__all__ = ["GROUPS", "LEVELS", "MARGIN", "PARTS", "colour", "count", "discs", "lay", "sweep"]
