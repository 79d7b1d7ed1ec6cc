"""Experiment files: strict reading with a path and a reason for every refusal, and writing."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from explorer.core.experiment import Experiment, ExperimentError, Idx, Images

_PATHS = ("path", "images", "labels", "folder")  # of files and folders, in the data


def read(text: str | bytes) -> Experiment:
    """Read an experiment from JSON text.

    Raises
    ------
    ExperimentError
        For text that is not JSON, an unknown or missing key, a wrong type, NaN or infinity, a
        shape that does not fit, or a value out of range. The message is the JSON path and the
        reason, for instance
        ``$.network.layers[1].units: expected an integer from 1 to 1024, got 0``.
    """
    try:
        raw = json.loads(text, object_pairs_hook=_without_repeats)
    except ExperimentError:
        raise
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise ExperimentError(f"$: not JSON: {error}") from None
    return _convert(raw)


def read_file(path: Path) -> Experiment:
    """Read an experiment file; errors are :class:`ExperimentError` or :class:`OSError`."""
    return read(path.read_bytes())


def checked(experiment: Experiment) -> Experiment:
    """The same experiment after checking every value as :func:`read` would."""
    return _convert(plain(experiment))


def write(experiment: Experiment) -> str:
    """The experiment as JSON text, every default written out that is a value of its own."""
    return json.dumps(plain(experiment), indent=2, ensure_ascii=False) + "\n"


def rebased(experiment: Experiment, before: Path, now: Path) -> Experiment:
    """The same experiment with the relative paths of its data, from one folder, from another.

    They stay relative where there is a way from one folder to the other.
    """
    data = experiment.data
    names = [name for name in _PATHS if hasattr(data, name)]
    paths = {name: _rebased(getattr(data, name), before, now) for name in names}
    return msgspec.structs.replace(experiment, data=msgspec.structs.replace(data, **paths))


def _rebased(path: str, before: Path, now: Path) -> str:
    if Path(path).is_absolute() or before.resolve() == now.resolve():
        return path
    there = (before / path).resolve()
    try:
        return Path(os.path.relpath(there, now.resolve())).as_posix()
    except ValueError:  # on another drive
        return there.as_posix()


def plain(experiment: Experiment) -> dict[str, Any]:
    """The experiment as dictionaries and lists, in the order of the format."""
    values: dict[str, Any] = msgspec.to_builtins(experiment)
    if isinstance(experiment.data, Idx | Images):
        for field in msgspec.structs.fields(experiment.data):
            name = field.name  # which other readers of the format do not know
            if name in ("test_fraction", "seed") and values["data"][name] == field.default:
                del values["data"][name]
    initial = values["network"]["initial"]
    if experiment.network.initial.explicit:
        del initial["scheme"], initial["seed"]
    order = ("format", "version", "title", "data", "network")
    return {key: values[key] for key in (*order, *(k for k in values if k not in order))}


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ExperimentError(f"$: the key {twice!r} stands twice in one object")
    return result


def _convert(raw: Any) -> Experiment:
    try:
        _refuse_unwritable(raw, "$")
    except RecursionError:
        raise ExperimentError("$: lists or objects are nested too deeply") from None
    if isinstance(raw, dict):
        _refuse_two_starts(raw)
    try:
        return msgspec.convert(raw, Experiment)
    except msgspec.ValidationError as error:
        raise ExperimentError(_explain(str(error), raw)) from None


def _refuse_unwritable(value: Any, path: str) -> None:
    """Refuse what Python's JSON reader takes but no JSON file in UTF-8 can hold."""
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_unwritable(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _refuse_unwritable(item, f"{path}[{index}]")
    elif isinstance(value, str) and re.search("[\ud800-\udfff]", value):
        raise ExperimentError(f"{path}: half of a surrogate pair is not a character")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ExperimentError(f"{path}: expected a finite number, got {value}")
    elif isinstance(value, int) and abs(value) > 2**63:
        raise ExperimentError(f"{path}: the number is too large")


def _refuse_two_starts(raw: dict[str, Any]) -> None:
    network = raw.get("network")
    initial = network.get("initial") if isinstance(network, dict) else None
    if isinstance(initial, dict) and {"weights", "biases"} & initial.keys():
        for name in ("scheme", "seed"):
            if name in initial:
                raise ExperimentError(f"$.network.initial.{name}: explicit weights have no {name}")


def _explain(message: str, raw: Any) -> str:
    """Turn msgspec's message into the JSON path, what was expected and what was found."""
    if message.startswith("$"):
        return message
    match = re.fullmatch(r"(.*?)(?: - at `(.*)`)?", message, re.DOTALL)
    assert match is not None
    reason, path = match[1], match[2] or "$"
    if field := re.search(r"required field `(.*?)`", reason):
        return f"{path}.{field[1]}: required, but missing"
    if field := re.search(r"unknown field `(.*?)`", reason):
        return f"{path}.{field[1]}: unknown key"
    type_, value = _at(path, raw)
    return f"{path}: expected {_phrase(type_, reason)}, got {_shown(value)}"


def _at(path: str, raw: Any) -> tuple[inspect.Type | list[str], Any]:
    """The declared type and the value found at a JSON path (choices, where it is a tag)."""
    type_: Any = inspect.type_info(Experiment)
    value = raw
    for key, index in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        type_ = _chosen(type_, value)
        if key:
            found = value.get(key)
            if isinstance(type_, inspect.UnionType):  # the tag itself is wrong
                return [str(t.tag) for t in type_.types if isinstance(t, inspect.StructType)], found
            if type_.tag_field == key:
                return [str(type_.tag)], found
            type_ = next(f.type for f in type_.fields if f.encode_name == key)
            value = found
        else:
            value = value[int(index)]
            type_ = (
                type_.item_types[int(index)]
                if isinstance(type_, inspect.TupleType)
                else type_.item_type
            )
    return _chosen(type_, value), value


def _chosen(type_: Any, value: Any) -> Any:
    """The member of a union that the value's tag picks; other types as they are."""
    if not isinstance(type_, inspect.UnionType):
        return type_
    for member in type_.types:
        if (
            isinstance(member, inspect.StructType)
            and isinstance(value, dict)
            and member.tag_field is not None
            and value.get(member.tag_field) == member.tag
        ):
            return member
    return type_


def _phrase(type_: inspect.Type | list[str], reason: str) -> str:
    if isinstance(type_, list):
        return "one of " + ", ".join(type_)
    if isinstance(type_, inspect.LiteralType):
        return ("one of " if len(type_.values) > 1 else "") + ", ".join(map(str, type_.values))
    if isinstance(type_, inspect.IntType | inspect.FloatType):
        return _phrase_number(type_)
    if isinstance(type_, inspect.BoolType):
        return "true or false"
    if isinstance(type_, inspect.StrType):
        return "a text"
    if isinstance(type_, inspect.TupleType):
        return f"a list of {len(type_.item_types)}"
    if isinstance(type_, inspect.VarTupleType):
        if type_.min_length is not None and type_.max_length is not None:
            return f"a list of {type_.min_length} to {type_.max_length}"
        return f"a list of at least {type_.min_length}" if type_.min_length else "a list"
    if isinstance(type_, inspect.StructType | inspect.UnionType):
        return "an object"
    return reason.removeprefix("Expected ")


def _phrase_number(type_: inspect.IntType | inspect.FloatType) -> str:
    noun = "an integer" if isinstance(type_, inspect.IntType) else "a number"
    if type_.ge is not None and type_.le is not None:
        return f"{noun} from {type_.ge:g} to {type_.le:g}" if type_.le < 1e6 else f"{noun} from 0"
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (
            ("above", type_.gt),
            ("of at least", type_.ge),
            ("below", type_.lt),
            ("of at most", type_.le),
        )
        if bound is not None
    ]
    return " ".join([noun, " and ".join(bounds)]).strip()


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
