"""Data from the user's own files: tables, IDX images and folders of pictures."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.core.data.dataset import (
    Dataset,
    Floats,
    Ints,
    Part,
    classes_of,
    encode,
    split,
    threshold_of,
)
from explorer.core.experiment import Csv, ExperimentError, Idx, Images, Layer

_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def load_csv(data: Csv, folder: Path, output: Layer, where: str) -> Dataset:
    """A table with a heading row.

    A single target column of words becomes classes; target columns of numbers are used as they
    are, and count as classes where they hold only 0 and 1. Constant input columns standardize
    to zero.
    """
    names, rows = _read_table(folder / data.path, data.path)
    for column in data.target:
        if column not in names:
            raise ExperimentError(f"$.data.target: {data.path} has no column {column!r}")
    input_names = tuple(n for n in names if n not in data.target)
    if not input_names:
        raise ExperimentError("$.data.target: no column is left over for the inputs")
    inputs = _numbers(names, rows, input_names, data.path)
    train, test = split(len(rows), data.test_fraction, np.random.default_rng(data.seed))
    about = f"{data.path}: {len(rows)} rows, {len(input_names)} inputs"
    if data.standardize:
        inputs = standardize(inputs, train)
        about += ", each standardized by the training part's mean and deviation"
    labels: tuple[str, ...] = data.target
    words = [row.cells[names.index(data.target[0])] for row in rows]
    if len(data.target) == 1 and not all(_is_number(w) for w in words):
        labels = tuple(sorted(set(words)))
        classes: Ints | None = np.array([labels.index(w) for w in words])
        assert classes is not None
        targets = encode(classes, labels, output, where)
        threshold = threshold_of(output)
    else:
        targets = _numbers(names, rows, data.target, data.path)
        classes, threshold = classes_of(targets)
    plane = inputs if len(input_names) == 2 else None
    return Dataset(
        name=Path(data.path).stem,
        train=_take(train, inputs, targets, classes, plane),
        test=_take(test, inputs, targets, classes, plane),
        input_names=input_names,
        labels=labels,
        threshold=threshold,
        features=(lambda points: points) if plane is not None else None,
        about=about + ".",
    )


def csv_columns(path: Path) -> list[str]:
    """The headings of a table.

    Raises
    ------
    ExperimentError
        When it cannot be read as a table.
    """
    return _read_table(path, path.name)[0]


def csv_classes(path: Path, column: str) -> int:
    """How many classes a column of words holds, or of zeros and ones; 0 for other numbers."""
    names, rows = _read_table(path, path.name)
    words = {row.cells[names.index(column)] for row in rows}
    if all(_is_number(word) for word in words):
        return 2 if {float(word) for word in words} == {0.0, 1.0} else 0
    return len(words)


def load_idx(data: Idx, folder: Path, output: Layer, where: str) -> Dataset:
    """Images and labels in the IDX format, pixels scaled from 0…255 to 0…1."""
    images, labels = _read_idx(folder / data.images, 3), _read_idx(folder / data.labels, 1)
    if len(images) != len(labels):
        raise ExperimentError(
            f"$.data.labels: expected {len(images)} labels as there are images, got {len(labels)}"
        )
    names = tuple(str(k) for k in range(int(labels.max()) + 1))
    return _image_set(
        name=Path(data.images).name.split(".")[0],
        pixels=images.reshape(len(images), -1) / 255.0,
        classes=labels.astype(np.int64),
        labels=names,
        size=(images.shape[2], images.shape[1]),
        data=data,
        output=output,
        where=where,
    )


def load_images(data: Images, folder: Path, output: Layer, where: str) -> Dataset:
    """Pictures in one sub-folder per class, made grey, resized and scaled to 0…1."""
    from PIL import Image, UnidentifiedImageError

    root = folder / data.folder
    classes_found = sorted(p.name for p in root.iterdir() if p.is_dir()) if root.is_dir() else []
    if len(classes_found) < 2:
        raise ExperimentError(f"$.data.folder: {data.folder} needs a sub-folder for each class")
    pixels: list[Floats] = []
    classes: list[int] = []
    for index, name in enumerate(classes_found):
        for path in sorted((root / name).iterdir()):
            if path.suffix.lower() not in _PICTURES:
                continue
            try:
                with Image.open(path) as picture:
                    grey = picture.convert("L").resize(data.size)
            except (UnidentifiedImageError, OSError) as error:
                raise ExperimentError(f"$.data.folder: {path.name}: {error}") from None
            pixels.append(np.asarray(grey, dtype=np.float64).reshape(-1) / 255.0)
            classes.append(index)
    if len(pixels) < 2:
        raise ExperimentError(f"$.data.folder: {data.folder} holds fewer than two pictures")
    return _image_set(
        name=root.name,
        pixels=np.stack(pixels),
        classes=np.array(classes),
        labels=tuple(classes_found),
        size=data.size,
        data=data,
        output=output,
        where=where,
    )


def standardize(inputs: Floats, train: Ints) -> Floats:
    """Inputs (N, n₀) with the training rows' mean 0 and deviation 1 in each column."""
    known = inputs[train]
    # The rounded mean of equal numbers is not that number, and their deviation not 0.
    constant = known.min(axis=0) == known.max(axis=0)
    mean = np.where(constant, known[0], known.mean(axis=0))
    return np.asarray((inputs - mean) / np.where(constant, 1.0, known.std(axis=0)))


def _image_set(
    *,
    name: str,
    pixels: Floats,
    classes: Ints,
    labels: tuple[str, ...],
    size: tuple[int, int],
    data: Idx | Images,
    output: Layer,
    where: str,
) -> Dataset:
    train, test = split(len(pixels), data.test_fraction, np.random.default_rng(data.seed))
    targets = encode(classes, labels, output, where)
    return Dataset(
        name=name,
        train=_take(train, pixels, targets, classes, None),
        test=_take(test, pixels, targets, classes, None),
        input_names=pixel_names(size),
        labels=labels,
        threshold=threshold_of(output),
        image_size=size,
        about=f"{name}: {len(pixels)} images of {size[0]}×{size[1]} pixels, "
        f"{len(labels)} classes, grey from 0 to 1.",
    )


def pixel_names(size: tuple[int, int]) -> tuple[str, ...]:
    """Names of an image's inputs, row by row."""
    return tuple(f"pixel {x + 1},{y + 1}" for y in range(size[1]) for x in range(size[0]))


def _take(
    rows: Ints, inputs: Floats, targets: Floats, classes: Ints | None, points: Floats | None
) -> Part:
    return Part(
        inputs=inputs[rows],
        targets=targets[rows],
        classes=None if classes is None else classes[rows],
        points=None if points is None else points[rows],
    )


class _Row(NamedTuple):
    """A row of a table, and the line of the file on which it ends."""

    line: int
    cells: list[str]


def _read_table(path: Path, file: str) -> tuple[list[str], list[_Row]]:
    """The heading and the rows of the table in ``path``, called ``file`` in what is refused."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.reader(opened)
            rows = [_Row(reader.line_num, cells) for cells in reader if cells]
    except (OSError, ValueError, csv.Error) as error:
        raise ExperimentError(f"$.data.path: {error}") from None
    if len(rows) < 3:
        raise ExperimentError(f"$.data.path: {file} needs a heading and at least two rows")
    names = rows[0].cells
    for name in names:
        if names.count(name) > 1:
            raise ExperimentError(f"$.data.path: {file} has two columns named {name!r}")
    for row in rows[1:]:
        if len(row.cells) != len(names):
            raise ExperimentError(
                f"$.data.path: {file} line {row.line}: expected {len(names)} cells, "
                f"got {len(row.cells)}"
            )
    return names, rows[1:]


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _numbers(names: list[str], rows: list[_Row], columns: tuple[str, ...], file: str) -> Floats:
    picked = [names.index(column) for column in columns]
    values = np.empty((len(rows), len(picked)))
    for i, row in enumerate(rows):
        for j, column in enumerate(picked):
            cell = row.cells[column]
            if not _is_number(cell):
                raise ExperimentError(
                    f"$.data.path: {file} line {row.line}, column {names[column]!r}: "
                    f"expected a number, got {cell!r}"
                )
            values[i, j] = float(cell)
    return values


def _read_idx(path: Path, dimensions: int) -> Ints:
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise ExperimentError(f"$.data: {path.name}: {error}") from None
    if raw[:3] != b"\x00\x00\x08" or len(raw) < 4 + 4 * dimensions or raw[3] != dimensions:
        raise ExperimentError(
            f"$.data: {path.name} is not an IDX file of unsigned bytes in {dimensions} dimensions"
        )
    shape = tuple(int(n) for n in np.frombuffer(raw, ">u4", dimensions, 4))
    body = np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions)
    if body.size != math.prod(shape) or not body.size:
        raise ExperimentError(f"$.data: {path.name} says {shape} but holds {body.size} bytes")
    return body.reshape(shape)
