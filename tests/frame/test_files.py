"""Files: formats, compression, globs, inference, and everything that can be wrong with them."""

# ruff: noqa: DTZ001 - columns without a time zone are part of what is tested
from __future__ import annotations

import datetime as dt
import gzip

import polars as pl
import pyarrow as pa
import pytest

from barograph.errors import InputError
from barograph.frame import BATCH_ROWS, family, numbers, open_rows
from barograph.schema import Family

FRAME = pl.DataFrame(
    {
        "x": [1.5, None, -2.0],
        "n": [1, 2, 3],
        "s": ["a,b", "é", None],
        "b": [True, False, True],
        "d": [dt.date(2024, 1, 1), None, dt.date(2024, 2, 1)],
        "t": [dt.datetime(2024, 1, 1, 10), dt.datetime(2024, 1, 1, 10, 0, 0, 500_000), None],
    }
)


def read(source) -> pl.DataFrame:
    return pl.concat(list(open_rows(source).batches()), how="diagonal_relaxed")


def write(path, text: str | bytes):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


WRITERS = {
    "a.csv": lambda f, p: f.write_csv(p),
    "a.tsv": lambda f, p: f.write_csv(p, separator="\t"),
    "semicolons.csv": lambda f, p: f.write_csv(p, separator=";"),
    "bom.csv": lambda f, p: f.write_csv(p, include_bom=True),
    "a.csv.gz": lambda f, p: f.write_csv(p, compression="gzip"),
    "a.csv.zst": lambda f, p: f.write_csv(p, compression="zstd"),
    "a.parquet": lambda f, p: f.write_parquet(p),
    "a.arrow": lambda f, p: f.write_ipc(p),
    "a.feather": lambda f, p: f.write_ipc(p, compression="zstd"),
    "a.arrows": lambda f, p: f.write_ipc_stream(p),
    "a.jsonl": lambda f, p: f.write_ndjson(p),
    "a.ndjson": lambda f, p: f.write_ndjson(p),
    "a.jsonl.gz": lambda f, p: p.write_bytes(gzip.compress(f.write_ndjson().encode())),
    "a.jsonl.zst": lambda f, p: f.write_ndjson(p, compression="zstd"),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("as_text", [True, False])
def test_formats_give_the_same_rows(tmp_path, name, as_text):
    WRITERS[name](FRAME, tmp_path / name)
    rows = open_rows(str(tmp_path / name) if as_text else tmp_path / name)
    assert rows.columns == tuple(FRAME.columns)
    assert [f.value for f in rows.families.values()] == ["number", "number", "string", "boolean", "time", "time"]
    assert rows.repeatable
    assert rows.name == name
    for _ in range(2):
        (batch,) = rows.batches()
        for column in ("x", "n", "d", "t"):
            assert numbers(batch, column).values.tolist() == numbers(FRAME, column).values.tolist()
        assert batch["s"].to_list() == FRAME["s"].to_list()
        assert batch["b"].to_list() == FRAME["b"].to_list()
    assert rows.traits()["x"].n_sampled == 2


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_number_of_rows_is_known(tmp_path, name):
    WRITERS[name](FRAME, tmp_path / name)
    assert open_rows(tmp_path / name).n_rows == 3


@pytest.mark.parametrize("name", [n for n in WRITERS if n not in ("a.jsonl", "a.ndjson", "a.jsonl.gz", "a.jsonl.zst")])
def test_no_rows_but_columns(tmp_path, name):
    WRITERS[name](FRAME.clear(), tmp_path / name)
    rows = open_rows(tmp_path / name)
    (batch,) = rows.batches()
    assert batch.shape == (0, 6)
    assert rows.traits()["x"].n_sampled == 0


def test_globs_folders_and_lists(tmp_path):
    for at in range(3):
        FRAME.with_columns(n=pl.lit(at)).write_csv(tmp_path / f"p{at}.csv")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden.parquet").touch()
    for source in (tmp_path, str(tmp_path / "p*.csv"), sorted(tmp_path.glob("*.csv")), str(tmp_path / "**" / "*.csv")):
        rows = open_rows(source)
        assert rows.name == "p0.csv and 2 more"
        assert [b["n"][0] for b in rows.batches()] == [0, 1, 2]


@pytest.mark.parametrize("name", ["csv", "parquet", "jsonl", "arrow"])
def test_files_of_unlike_columns(tmp_path, name):
    write_one = WRITERS[f"a.{name}"]
    write_one(pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}), tmp_path / f"1.{name}")
    write_one(pl.DataFrame({"c": [3.5], "a": [0.5]}), tmp_path / f"2.{name}")
    rows = open_rows(tmp_path)
    assert rows.columns == ("a", "b", "c")
    first, second = rows.batches()
    assert first.columns == second.columns == ["a", "b", "c"]
    assert first["a"].to_list() == [1, 2]
    assert second.row(0) == (0.5, None, 3.5)


def test_parquet_types_without_a_common_one(tmp_path):
    pl.DataFrame({"a": [dt.date(2024, 1, 1)]}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"a": [True]}).write_parquet(tmp_path / "2.parquet")
    with pytest.raises(InputError, match=r"'a' is Date in 1\.parquet and Boolean in 2\.parquet"):
        open_rows(tmp_path)
    pl.DataFrame({"a": ["x"]}).write_parquet(tmp_path / "2.parquet")
    pl.DataFrame({"a": [5]}).write_parquet(tmp_path / "1.parquet")
    assert read(tmp_path)["a"].to_list() == ["5", "x"]


def test_markers_of_absence(tmp_path):
    path = write(
        tmp_path / "a.csv",
        "n,f,country,d,flag,only,dash\n1,1.5,NA,2024-01-01,true,NA,-\nNA,nan,DE,NA,NA,NA,2\nnull,?,FR,2024-02-01,false,NA,\n",
    )
    rows = open_rows(path)
    assert {c: f.value for c, f in rows.families.items()} == {
        "n": "number", "f": "number", "country": "string", "d": "time", "flag": "boolean", "only": "string",
        "dash": "number",
    }  # fmt: skip
    (batch,) = rows.batches()
    assert batch["n"].to_list() == [1, None, None]
    assert numbers(batch, "f").absent.n_nan == 1
    assert numbers(batch, "f").absent.n_null == 1
    assert batch["country"].to_list() == ["NA", "DE", "FR"]
    assert batch["only"].to_list() == ["NA"] * 3
    assert batch["dash"].to_list() == [None, 2, None]


def test_later_rows_correct_the_types(tmp_path):
    n = 600_000
    lines = ["a,b,c,d,e,id", *(f"{i},1,,2024-01-01,true,{i}" for i in range(n)), f"1.5,NA,x,2024-01-01T10:00,maybe,{n}"]
    rows = open_rows(write(tmp_path / "a.csv", "\n".join(lines)))
    assert rows.families["c"] is Family.UNKNOWN
    batches = list(rows.batches())
    assert sum(b.height for b in batches) == n + 1
    assert sum(numbers(b, "id").values.sum() for b in batches) == n * (n + 1) / 2
    assert sum(numbers(b, "a").values.size for b in batches) == n + 1
    assert sum(numbers(b, "b").absent.n_null for b in batches) == 1
    last = batches[-1]
    assert [family(last, c).value for c in "abcde"] == ["number", "number", "string", "time", "string"]
    assert rows.families["e"] is Family.STRING
    assert max(b.height for b in batches) <= BATCH_ROWS


def test_later_lines_of_json_correct_the_types(tmp_path):
    lines = [f'{{"a":{i},"t":"2024-01-01T00:00:00Z"}}' for i in range(300_000)] + ['{"a":"x","t":"soon"}']
    rows = open_rows(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert rows.families == {"a": Family.NUMBER, "t": Family.TIME}
    batches = list(rows.batches())
    assert sum(b.height for b in batches) == 300_001
    assert rows.families == {"a": Family.STRING, "t": Family.STRING}
    assert sum(numbers(b, "a").absent.n_invalid for b in batches) == 1


def test_integers_beyond_int64(tmp_path):
    (batch,) = open_rows(write(tmp_path / "a.csv", f"x,y\n1,1\n{10**25},{10**45}\n")).batches()
    assert numbers(batch, "x").values.tolist() == [1, 1e25]
    assert numbers(batch, "y").values.tolist() == [1, 1e45]


def test_nested_json_is_skipped(tmp_path):
    rows = open_rows(write(tmp_path / "a.jsonl", '{"a":1,"o":{"x":1},"l":["x"]}\n{"a":2,"o":null,"l":[]}\n'))
    assert rows.columns == ("a",)
    assert set(rows.skipped) == {"o", "l"}
    assert read(tmp_path / "a.jsonl").columns == ["a"]


def test_quoted_newlines_and_empty_text(tmp_path):
    (batch,) = open_rows(write(tmp_path / "a.csv", 'a,b\r\n"x\ny",\r\n"",z\r\n')).batches()
    assert batch.rows() == [("x\ny", None), ("", "z")]


BAD = {
    "empty.csv": (b"", "empty"),
    "blank.csv": (b"\n", "empty|columns|header"),
    "twice.csv": (b"a,b,a\n1,2,3\n", "same name: 'a'"),
    "ragged.csv": (b"a,b\n1,2\n1,2,3\n", "line 3: 3 fields, and the header has 2"),
    "latin.csv": (b"a,b\n1,x\n2,\xff\xfe\n", "line 3: these bytes are not UTF-8"),
    "cut.csv.gz": (gzip.compress(b"a,b\n" + bytes(range(97, 123)) * 1000)[:60], "cannot be read"),
    "cut.parquet": (b"PAR1garbage", "no readable parquet"),
    "text.parquet": (b"a,b\n1,2\n", "no readable parquet"),
    "text.arrow": (b"a,b\n1,2\n", "no readable ipc"),
    "bad.jsonl": (b'{"a":1}\n{"a":\n', "JSON Lines"),
    "list.jsonl": (b"[1,2]\n", "JSON Lines"),
    "a.xlsx": (b"PK", "unknown extension '.xlsx'"),
    "a.json": (b"[]", "one object per line"),
    "a.parquet.gz": (b"x", "unpack"),
    "noextension": (b"x", "unknown extension ''"),
}


@pytest.mark.parametrize("name", BAD)
def test_broken_files_say_what_is_wrong(tmp_path, name):
    content, message = BAD[name]
    with pytest.raises(InputError, match=message) as caught:
        list(open_rows(write(tmp_path / name, content)).batches())
    assert name in str(caught.value)


def test_truncated_parquet(tmp_path):
    FRAME.write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="truncated"):
        open_rows(write(tmp_path / "b.parquet", (tmp_path / "a.parquet").read_bytes()[:-20]))


def test_missing_files_say_what_is_near(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "reference.csv", "a\n1\n")
    with pytest.raises(InputError, match=r"working directory .*did you mean reference\.csv"):
        open_rows("referense.csv")
    with pytest.raises(InputError, match="looked in"):
        open_rows("no/such/folder/a.csv")
    with pytest.raises(InputError, match="no file matches"):
        open_rows("*.parquet")
    with pytest.raises(InputError, match="LazyFrame"):
        open_rows("s3://bucket/a.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no file of a known format"):
        open_rows(tmp_path / "empty")
    write(tmp_path / "b.parquet", "x")
    with pytest.raises(InputError, match="several formats"):
        open_rows(tmp_path)
    with pytest.raises(InputError, match="empty list"):
        open_rows([])


def test_a_path_with_brackets_is_a_path(tmp_path):
    assert read(write(tmp_path / "a[1].csv", "x\n1\n"))["x"].to_list() == [1]
    FRAME.write_parquet(tmp_path / "b[1].parquet")
    assert read(tmp_path / "b[1].parquet").height == 3


def test_large_parquet_comes_in_batches(tmp_path):
    n = BATCH_ROWS + 5
    pl.DataFrame({"x": pl.int_range(n, eager=True)}).write_parquet(tmp_path / "a.parquet")
    batches = list(open_rows(tmp_path / "a.parquet").batches())
    assert max(b.height for b in batches) <= BATCH_ROWS
    assert sum(b.height for b in batches) == n
    assert batches[-1]["x"][-1] == n - 1


def test_arrow_record_batch_file(tmp_path):
    table = pa.table({"a": pa.array(["x", None]).dictionary_encode(), "l": [["x"], []]})
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write(table)
    rows = open_rows(tmp_path / "a.arrow")
    assert rows.families == {"a": Family.STRING}
    assert list(rows.skipped) == ["l"]


def test_a_column_without_a_name(tmp_path):
    (batch,) = open_rows(write(tmp_path / "a.csv", ",a\n0,1\n5,2\n")).batches()
    assert batch.to_dict(as_series=False) == {"": [0, 5], "a": [1, 2]}


def test_broken_late_in_the_file(tmp_path):
    many = "a,b\n" + "1,x\n" * 300_000
    with pytest.raises(InputError, match="line 300002: 3 fields"):
        list(open_rows(write(tmp_path / "a.csv", many + "1,2,3\n")).batches())
    with pytest.raises(InputError, match="line 300002: these bytes"):
        list(open_rows(write(tmp_path / "b.csv", many.encode() + b"1,\xff\n")).batches())
    with pytest.raises(InputError, match="JSON Lines"):
        list(open_rows(write(tmp_path / "c.jsonl", '{"a":1}\n' * 300_000 + "{bad\n")).batches())


@pytest.mark.parametrize("odd", ["1.5", "x", "2024-01-01"])
@pytest.mark.parametrize("n", [10_000, 15_000])
def test_a_csv_whose_type_changes_behind_the_sampled_rows(tmp_path, odd, n):
    """The rows that tell the types are 10,000; one that differs may come right behind them."""
    path = tmp_path / "late.csv"
    path.write_text("a\n" + "7\n" * n + odd + "\n")
    opened = open_rows(path)
    opened.traits()
    assert sum(batch.height for batch in opened.batches()) == n + 1
