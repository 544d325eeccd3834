"""Spark ML in this process, with local[threads].

`spark.py run WORK RESULT` does the work once and writes what came of it. `spark.py serve` answers lines
of JSON on standard input: `{"do": "run", "work": ...}` does it again in the same session, `"do": "model"`
says what the model is. WORK is what bench/peers/work.ts writes.

Spark has no generator of Flink ML's rows. It reads those that differ, one in a thousand, and repeats them
by a join with a range: nothing but Spark's own operators touches a row.
"""

import json
import os
import sys
import time
import traceback

from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import MinMaxScaler, OneHotEncoder, StringIndexer
from pyspark.ml.functions import array_to_vector
from pyspark.mllib.clustering import KMeans as InnerKMeans
from pyspark.mllib.clustering import KMeansModel as InnerKMeansModel
from pyspark.sql import SparkSession
from pyspark.sql.functions import broadcast

# Rounds end before maxIter only when no centroid moves at all: those of Flink ML have no other end.
NO_TOLERANCE = 0.0


def session():
    threads = os.environ["GYRE_BENCH_THREADS"]
    options = {
        "spark.driver.memory": os.environ["GYRE_BENCH_HEAP"],
        "spark.driver.extraJavaOptions": os.environ["GYRE_BENCH_JAVA_OPTIONS"],
        "spark.sql.shuffle.partitions": threads,
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.sql.warehouse.dir": os.environ["GYRE_BENCH_FOLDER"],
        "spark.local.dir": os.environ["GYRE_BENCH_FOLDER"],
    }
    builder = SparkSession.builder.master(f"local[{threads}]").appName("gyre bench")
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def rows_of(spark, work):
    """All rows as a lazy frame: each of those that differ as many times as they are repeated."""
    column = work["column"]
    frame = spark.read.parquet(work["rowsFile"])
    if dict(frame.dtypes)[column] == "array<double>":
        frame = frame.select(array_to_vector(column).alias(column))
    times, rest = divmod(work["rows"], work["distinctRows"])
    if rest != 0:
        raise ValueError(f"{work['rows']} rows are no whole repetitions of {work['distinctRows']}")
    threads = spark.sparkContext.defaultParallelism
    return spark.range(0, times, 1, threads).drop("id").crossJoin(broadcast(frame))


def kmeans(params, column):
    return KMeans(
        featuresCol=column, k=params["k"], maxIter=params["maxIter"], tol=NO_TOLERANCE,
        initMode="random", seed=params.get("seed", 0),
    )


def string_indexer(params, _column):
    return StringIndexer(
        inputCols=params["inputCols"], outputCols=params["outputCols"],
        handleInvalid=params["handleInvalid"],
    )


def min_max_scaler(_params, column):
    return MinMaxScaler(inputCol=column, outputCol="output")


def one_hot_encoder(params, _column):
    return OneHotEncoder(inputCols=params["inputCols"], outputCols=params["outputCols"])


ESTIMATORS = {
    "KMeans": kmeans,
    "StringIndexer": string_indexer,
    "MinMaxScaler": min_max_scaler,
    "OneHotEncoder": one_hot_encoder,
}


def stage_name(work):
    return work["stage"]["className"].split(".")[-1]


def fit(spark, work):
    estimator = ESTIMATORS[stage_name(work)](work["stage"]["paramMap"], work["column"])
    return estimator.fit(rows_of(spark, work))


def run(spark, work):
    """Seconds from the plan of the rows to the model; what was cached for it is dropped, untimed."""
    start = time.perf_counter()
    fit(spark, work)
    seconds = time.perf_counter() - start
    spark.catalog.clearCache()
    return seconds


def kmeans_from_first_rows(spark, work):
    """pyspark.ml's KMeans takes no centroids to begin with; the one that it calls does."""
    params, column = work["stage"]["paramMap"], work["column"]
    distinct = spark.read.parquet(work["rowsFile"]).limit(params["k"]).collect()
    start = InnerKMeansModel([row[column] for row in distinct])
    rows = rows_of(spark, work).rdd.map(lambda row: row[0].toArray()).cache()
    model = InnerKMeans.train(
        rows, params["k"], maxIterations=params["maxIter"], epsilon=NO_TOLERANCE, initialModel=start
    )
    sizes = model.predict(rows).countByValue()
    rows.unpersist()
    centers = [float(x) for center in model.clusterCenters for x in center]
    return {"centroids": centers, "weights": [sizes.get(j, 0) for j in range(params["k"])]}


def model(spark, work):
    name = stage_name(work)
    if name == "KMeans":
        return kmeans_from_first_rows(spark, work)
    fitted = fit(spark, work)
    if name == "StringIndexer":
        return {"strings": sorted(fitted.labelsArray[0])}
    if name == "MinMaxScaler":
        return {"min": list(fitted.originalMin.toArray()), "max": list(fitted.originalMax.toArray())}
    if name == "OneHotEncoder":
        return {"maxIndices": [size - 1 for size in fitted.categorySizes]}
    raise ValueError(f"there are no facts of {name}")


def answer(spark, request):
    work = request["work"]
    if request["do"] == "run":
        return {"seconds": run(spark, work)}
    return {"model": model(spark, work)}


def serve(spark):
    for line in sys.stdin:
        try:
            reply = answer(spark, json.loads(line))
        except Exception:
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), flush=True)


def main():
    spark = session()
    if sys.argv[1] == "serve":
        serve(spark)
    else:
        with open(sys.argv[2], encoding="utf-8") as file:
            work = json.load(file)
        fit(spark, work)
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            json.dump({"inputRecordNum": work["rows"]}, file)
    spark.stop()


main()
