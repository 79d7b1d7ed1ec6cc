"""Data sets: generated, real, tables and images, all as one :class:`Dataset`."""
