"""DuckDB: quantiles of a table in memory, and files to Arrow."""

import os

import duckdb
import numpy as np
import polars as pl
from peer import serve, timed
from stages import File as PolarsFile

connection = duckdb.connect(config={"threads": int(os.environ["OMP_NUM_THREADS"])})


class Percentile:
    def __init__(self, file, percentiles):
        values = np.fromfile(file)
        connection.execute("CREATE OR REPLACE TABLE numbers AS SELECT column0 AS x FROM values")
        shares = [p / 100 for p in percentiles]
        self.query = f"SELECT quantile_cont(x, {shares}) FROM numbers"

    def run(self):
        fit, self.output = timed(lambda: connection.execute(self.query).fetchone()[0])
        return {"fit": fit}

    def facts(self):
        return {"values": list(self.output)}


class File(PolarsFile):
    """A file that polars has written."""

    READ = {"csv": "read_csv", "parquet": "read_parquet"}

    def __init__(self, path, format):
        self.query = f"SELECT * FROM {self.READ[format]}('{path}')"
        self.table = None

    def run(self):
        self.table = None
        read, self.table = timed(lambda: connection.sql(self.query).to_arrow_table())
        return {"read": read}

    def facts(self):
        self.output = pl.from_arrow(self.table)
        return super().facts()


serve({"percentile": Percentile, "file": File}, [("DuckDB", duckdb)])
