from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.preprocessing import StandardScaler

from explorer.core.data.dataset import Dataset
from explorer.core.data.files import standardize
from explorer.core.data.load import load
from explorer.core.experiment import Csv, Data, Experiment, ExperimentError, Idx, Images

Build = Callable[..., Experiment]


@pytest.fixture
def loaded(experiment_of: Build, tmp_path: Path) -> Callable[..., Dataset]:
    def build(data: Data, units: int = 1, output: str = "sigmoid", **parts: Any) -> Dataset:
        return load(experiment_of(((units, output),), data=data, **parts), tmp_path)

    return build


@pytest.fixture
def refusal(loaded: Callable[..., Dataset]) -> Callable[..., str]:
    def refused(data: Data, units: int = 1, output: str = "sigmoid", **parts: Any) -> str:
        with pytest.raises(ExperimentError) as error:
            loaded(data, units, output, **parts)
        return str(error.value)

    return refused


class TestCsv:
    table = "height,weight,animal\n" + "".join(
        f"{i},{100 - 3 * i},{'cat' if i % 3 else 'dog'}\n" for i in range(1, 11)
    )

    @pytest.fixture
    def written(self, tmp_path: Path) -> Callable[[str], None]:
        def write(text: str) -> None:
            (tmp_path / "table.csv").write_text(text, encoding="utf-8")

        return write

    def csv(self, target: str = "animal", **parts: Any) -> Csv:
        return Csv(path="table.csv", target=(target,), **parts)

    def test_words_become_classes_in_the_order_of_the_alphabet(
        self, loaded: Any, written: Any
    ) -> None:
        written(self.table)
        made = loaded(self.csv(standardize=False, test_fraction=0.3))
        assert made.labels == ("cat", "dog")
        assert made.input_names == ("height", "weight")
        assert (len(made.train), len(made.test)) == (7, 3)
        for part in (made.train, made.test):
            for row, target, kind in zip(part.inputs, part.targets, part.classes, strict=True):
                assert row[1] == 100 - 3 * row[0]
                assert kind == int(row[0] % 3 == 0)
                assert target == kind
        heights = [*made.train.inputs[:, 0], *made.test.inputs[:, 0]]
        assert sorted(heights) == list(range(1, 11))

    def test_three_words_need_three_outputs(self, loaded: Any, refusal: Any, written: Any) -> None:
        written("x,kind\n1,a\n2,b\n3,c\n")
        made = loaded(self.csv("kind", test_fraction=0.0), 3, "softmax", loss="cross_entropy")
        assert made.train.targets.sum(axis=0).tolist() == [1, 1, 1]
        assert refusal(self.csv("kind"), 1) == (
            "$.network.layers[0].units: expected 3 units for 3 classes, got 1"
        )

    def test_numbers_are_used_as_they_are(self, loaded: Any, written: Any) -> None:
        written("a,y,b,z\n1,2.5,3,-7\n4,0.5,6,1e3\n7,8,9,0\n")
        data = Csv(path="table.csv", target=("z", "y"), test_fraction=0.0, standardize=False)
        made = loaded(data, 2, "linear")
        by_first = sorted(zip(made.train.inputs.tolist(), made.train.targets.tolist(), strict=True))
        assert by_first == [([1, 3], [-7, 2.5]), ([4, 6], [1000, 0.5]), ([7, 9], [0, 8])]
        assert made.train.classes is None
        assert made.labels == ("z", "y")

    def test_numbers_0_and_1_count_as_classes(self, loaded: Any, written: Any) -> None:
        written("a,passed\n1,0\n2,1\n3,1\n")
        made = loaded(self.csv("passed", test_fraction=0.0))
        assert made.train.classes.tolist() == made.train.targets[:, 0].tolist()
        assert made.threshold == 0.5
        assert {made.label_of(made.train, i) for i in range(3)} == {"0", "1"}

    def test_inputs_are_standardized_by_the_training_part_only(
        self, loaded: Any, written: Any
    ) -> None:
        written(self.table)
        plain = loaded(self.csv(standardize=False, test_fraction=0.4, seed=7))
        scaled = loaded(self.csv(test_fraction=0.4, seed=7))
        scaler = StandardScaler().fit(plain.train.inputs)
        assert scaled.train.inputs == pytest.approx(scaler.transform(plain.train.inputs))
        assert scaled.test.inputs == pytest.approx(scaler.transform(plain.test.inputs))
        assert scaled.train.targets.tolist() == plain.train.targets.tolist()

    def test_two_columns_of_inputs_lie_in_the_plane(self, loaded: Any, written: Any) -> None:
        written(self.table)
        made = loaded(self.csv())
        assert made.train.points.tolist() == made.train.inputs.tolist()
        assert made.features(made.test.points).tolist() == made.test.inputs.tolist()

    def test_quotes_blank_lines_and_a_byte_order_mark(self, loaded: Any, tmp_path: Path) -> None:
        text = '\ufeff"a, first",kind\r\n\r\n"1","x, y"\r\n2,"z"\r\n'
        (tmp_path / "table.csv").write_bytes(text.encode("utf-8"))
        made = loaded(self.csv("kind", test_fraction=0.0, standardize=False))
        assert made.input_names == ("a, first",)
        assert made.labels == ("x, y", "z")

    def test_the_seed_decides_the_split(self, loaded: Any, written: Any) -> None:
        written(self.table)
        one, two, other = (loaded(self.csv(seed=s)).test.inputs.tolist() for s in (1, 1, 2))
        assert one == two
        assert one != other

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "a,y\n1,0\n2,1\n3,1,4\n",
                "$.data.path: table.csv line 4: expected 2 cells, got 3",
            ),
            (
                "a,y\n1,0\n\n\n2,1\nthree,1\n",
                "$.data.path: table.csv line 6, column 'a': expected a number, got 'three'",
            ),
            (
                "a,b,y\n1,1,0\n2,nan,1\n",
                "$.data.path: table.csv line 3, column 'b': expected a number, got 'nan'",
            ),
            (
                "a,b,y\n1,1,0\n2,,1\n",
                "$.data.path: table.csv line 3, column 'b': expected a number, got ''",
            ),
            ("a,y\n1,0\n", "$.data.path: table.csv needs a heading and at least two rows"),
            ("", "$.data.path: table.csv needs a heading and at least two rows"),
            ("a,b\n1,0\n2,1\n", "$.data.target: table.csv has no column 'y'"),
            ("y\n1\n0\n", "$.data.target: no column is left over for the inputs"),
            ("a,a,y\n1,5,0\n2,6,1\n", "$.data.path: table.csv has two columns named 'a'"),
        ],
    )
    def test_a_table_that_cannot_be_used(
        self, refusal: Any, written: Any, text: str, said: str
    ) -> None:
        written(text)
        assert refusal(self.csv("y")) == said

    def test_words_in_one_of_several_targets(self, refusal: Any, written: Any) -> None:
        written("a,y,z\n1,0,2\n2,1,no\n")
        data = Csv(path="table.csv", target=("y", "z"))
        assert refusal(data, 2, "linear") == (
            "$.data.path: table.csv line 3, column 'z': expected a number, got 'no'"
        )

    @pytest.mark.parametrize("path", ["none.csv", ".", "bad\0name.csv"])
    def test_a_file_that_cannot_be_read(self, refusal: Any, path: str) -> None:
        assert refusal(Csv(path=path, target=("y",))).startswith("$.data.path: ")

    def test_a_file_that_is_not_text(self, refusal: Any, tmp_path: Path) -> None:
        (tmp_path / "table.csv").write_bytes(b"a,y\n\xff\xfe,1\n2,0\n")
        assert refusal(self.csv("y")).startswith("$.data.path: ")


class TestStandardize:
    def test_agrees_with_scikit_learn(self) -> None:
        inputs = np.random.default_rng(0).normal(5, 3, (30, 4))
        train = np.arange(0, 30, 2)
        expected = StandardScaler().fit(inputs[train]).transform(inputs)
        assert standardize(inputs, train) == pytest.approx(expected)

    @pytest.mark.parametrize("value", [0.1, 1e9 + 0.1, 0.0, -3.0])
    def test_a_constant_column_becomes_zero(self, value: float) -> None:
        """The rounded mean of ten times 0.1 is not 0.1, so its rounded deviation is not 0."""
        inputs = np.full((10, 2), value)
        inputs[:, 1] = np.arange(10)
        train = np.arange(9)
        assert standardize(inputs, train)[:, 0].tolist() == [0.0] * 10

    def test_a_column_constant_in_the_training_part_is_moved_only(self) -> None:
        inputs = np.array([[0.1], [0.1], [0.1], [2.1]])
        assert standardize(inputs, np.array([0, 1, 2]))[3] == pytest.approx(2.0)


def idx_bytes(array: np.ndarray) -> bytes:
    """The IDX format as on the MNIST page: magic, sizes, unsigned bytes."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


class TestIdx:
    images = np.random.default_rng(1).integers(0, 256, (10, 3, 4)).astype(np.uint8)
    labels = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 2], dtype=np.uint8)
    plain = Idx(images="images.idx", labels="labels.idx", test_fraction=0.3, seed=5)

    @pytest.fixture(autouse=True)
    def written(self, tmp_path: Path) -> None:
        for name, array in (("images", self.images), ("labels", self.labels)):
            (tmp_path / f"{name}.idx").write_bytes(idx_bytes(array))
            (tmp_path / f"{name}.idx.gz").write_bytes(gzip.compress(idx_bytes(array)))

    def test_pixels_are_scaled_row_by_row_and_keep_their_labels(self, loaded: Any) -> None:
        made = loaded(self.plain, 3)
        assert (len(made.train), len(made.test)) == (7, 3)
        assert made.image_size == (4, 3)
        assert made.input_names[0] == "pixel 1,1"
        assert made.input_names[4] == "pixel 1,2"
        assert made.labels == ("0", "1", "2")
        expected = {
            tuple((image.reshape(-1) / 255).tolist()): int(label)
            for image, label in zip(self.images, self.labels, strict=True)
        }
        seen = []
        for part in (made.train, made.test):
            for pixels, target, kind in zip(part.inputs, part.targets, part.classes, strict=True):
                assert expected[tuple(pixels.tolist())] == kind
                assert target.tolist() == np.eye(3)[kind].tolist()
                seen.append(tuple(pixels.tolist()))
        assert sorted(seen) == sorted(expected)

    def test_gzipped_files_are_the_same(self, loaded: Any) -> None:
        zipped = Idx(images="images.idx.gz", labels="labels.idx.gz", test_fraction=0.3, seed=5)
        one, two = loaded(self.plain, 3), loaded(zipped, 3)
        assert one.train.inputs.tobytes() == two.train.inputs.tobytes()
        assert one.test.targets.tobytes() == two.test.targets.tobytes()
        assert two.name == "images"

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda raw: raw[:-1],
            lambda raw: raw + b"\0",
            lambda raw: raw[:6],
            lambda _: b"",
            lambda raw: b"\0\0\x0d" + raw[3:],
            lambda raw: gzip.compress(raw)[:-9],
            lambda raw: gzip.compress(raw)[:12] + b"\xff" * 40,
            lambda _: b"\x1f\x8b nonsense",
            lambda raw: struct.pack(">BBBB3I", 0, 0, 8, 3, 2**31, 2**31, 2**2) + raw[16:],
            lambda _: struct.pack(">BBBB3I", 0, 0, 8, 3, 0, 3, 4),
        ],
    )
    def test_a_spoiled_file_is_refused(
        self, refusal: Any, tmp_path: Path, spoil: Callable[[bytes], bytes]
    ) -> None:
        path = tmp_path / "images.idx"
        path.write_bytes(spoil(path.read_bytes()))
        said = refusal(self.plain, 3)
        assert said.startswith("$.data: ")
        assert "images.idx" in said

    def test_labels_given_as_images_are_refused(self, refusal: Any) -> None:
        said = refusal(Idx(images="labels.idx", labels="labels.idx"), 3)
        assert said == "$.data: labels.idx is not an IDX file of unsigned bytes in 3 dimensions"

    def test_fewer_labels_than_images(self, refusal: Any, tmp_path: Path) -> None:
        (tmp_path / "labels.idx").write_bytes(idx_bytes(self.labels[:-1]))
        assert refusal(self.plain, 3) == (
            "$.data.labels: expected 10 labels as there are images, got 9"
        )

    def test_a_missing_file(self, refusal: Any) -> None:
        assert "none.idx" in refusal(Idx(images="none.idx", labels="labels.idx"), 3)

    def test_outputs_that_do_not_fit(self, refusal: Any) -> None:
        assert refusal(self.plain, 4) == (
            "$.network.layers[0].units: expected 3 units for 3 classes, got 4"
        )


class TestImages:
    @pytest.fixture(autouse=True)
    def pictures(self, tmp_path: Path) -> None:
        """Dark pictures in one folder, bright ones in the other, in several formats."""
        for kind, level in (("dark", 10), ("bright", 240)):
            folder = tmp_path / "set" / kind
            folder.mkdir(parents=True)
            for i in range(3):
                Image.new("RGB", (6 + i, 5), (level, level, level)).save(folder / f"{i}.png")
        Image.new("L", (2, 2), 255).save(tmp_path / "set" / "bright" / "grey.BMP")
        (tmp_path / "set" / "bright" / "notes.txt").write_text("not a picture")
        (tmp_path / "set" / "readme.md").write_text("not a class")

    def images(self, **parts: Any) -> Images:
        return Images(folder="set", size=(4, 3), **parts)

    def test_each_sub_folder_is_a_class(self, loaded: Any) -> None:
        made = loaded(self.images(test_fraction=0.3))
        assert made.labels == ("bright", "dark")
        assert made.image_size == (4, 3)
        assert made.n_inputs == 12
        assert (len(made.train), len(made.test)) == (5, 2)
        seen = []
        for part in (made.train, made.test):
            for pixels, kind in zip(part.inputs, part.classes, strict=True):
                assert (pixels.mean() < 0.5) == (made.labels[kind] == "dark")
                seen.append(round(float(pixels[0]) * 255))
        assert sorted(seen) == [10, 10, 10, 240, 240, 240, 255]

    def test_pixels_lie_row_by_row(self, loaded: Any, tmp_path: Path) -> None:
        pattern = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
        for path in (tmp_path / "set" / "dark").iterdir():
            path.unlink()
        Image.fromarray(pattern).save(tmp_path / "set" / "dark" / "pattern.png")
        made = loaded(self.images(test_fraction=0.0))
        (found,) = made.train.inputs[made.train.classes == 1]
        assert (found * 255).round().tolist() == pattern.reshape(-1).tolist()
        assert made.input_names[1] == "pixel 2,1"

    def test_colours_become_grey_by_their_luminance(self, loaded: Any, tmp_path: Path) -> None:
        for path in (tmp_path / "set" / "dark").iterdir():
            path.unlink()
        Image.new("RGB", (4, 3), (255, 0, 0)).save(tmp_path / "set" / "dark" / "red.png")
        made = loaded(self.images(test_fraction=0.0))
        (found,) = made.train.inputs[made.train.classes == 1]
        assert found == pytest.approx(np.full(12, 0.299), abs=0.003)  # ITU-R 601

    def test_a_broken_picture_is_named(self, refusal: Any, tmp_path: Path) -> None:
        (tmp_path / "set" / "dark" / "broken.png").write_bytes(b"\x89PNG nonsense")
        said = refusal(self.images())
        assert said.startswith("$.data.folder: broken.png: ")

    def test_a_cut_off_picture_is_named(self, refusal: Any, tmp_path: Path) -> None:
        path = tmp_path / "set" / "dark" / "0.png"
        path.write_bytes(path.read_bytes()[:-30])
        assert refusal(self.images()).startswith("$.data.folder: 0.png: ")

    @pytest.mark.parametrize("folder", ["none", "set/dark"])
    def test_a_folder_without_classes(self, refusal: Any, folder: str) -> None:
        said = refusal(Images(folder=folder))
        assert said == f"$.data.folder: {folder} needs a sub-folder for each class"

    def test_classes_without_pictures(self, refusal: Any, tmp_path: Path) -> None:
        for name in ("a", "b"):
            (tmp_path / "empty" / name).mkdir(parents=True)
        said = refusal(Images(folder="empty"))
        assert said == "$.data.folder: empty holds fewer than two pictures"
