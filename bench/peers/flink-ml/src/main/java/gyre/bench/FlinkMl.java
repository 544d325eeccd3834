package gyre.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.java.tuple.Tuple;
import org.apache.flink.client.deployment.executors.LocalExecutor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.ml.api.Estimator;
import org.apache.flink.ml.api.Model;
import org.apache.flink.ml.benchmark.Benchmark;
import org.apache.flink.ml.benchmark.BenchmarkUtils;
import org.apache.flink.ml.benchmark.datagenerator.InputDataGenerator;
import org.apache.flink.ml.linalg.DenseVector;
import org.apache.flink.ml.param.WithParams;
import org.apache.flink.ml.util.ParamUtils;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/**
 * Flink ML in this JVM, on Flink's local cluster.
 *
 * <p>{@code bench <threads> <managed memory> <config> --output-file <file>} is Flink ML's own
 * benchmark program. {@code serve <threads> <managed memory>} answers lines of JSON on standard
 * input: {@code {"do":"run","work":{"configFile":...}}} runs the config by Flink ML's own framework
 * and says what time that tells; {@code "do":"model"} fits on one subtask, whose generated rows
 * Gyre's framework makes as well, and says what the model is.
 */
public final class FlinkMl {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FlinkMl() {}

  public static void main(String[] args) throws Exception {
    int threads = Integer.parseInt(args[1]);
    MemorySize managed = MemorySize.parse(args[2]);
    LocalCluster.install(threads, managed);
    if (args[0].equals("serve")) {
      serve(managed);
      return;
    }
    String[] rest = new String[args.length - 3];
    System.arraycopy(args, 3, rest, 0, rest.length);
    Benchmark.main(rest);
  }

  private static void serve(MemorySize managed) throws Exception {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = System.out;
    for (String line; (line = requests.readLine()) != null; ) {
      Map<String, Object> answer = new LinkedHashMap<>();
      try {
        Map<?, ?> request = JSON.readValue(line, Map.class);
        String config = (String) ((Map<?, ?>) request.get("work")).get("configFile");
        if (request.get("do").equals("run")) {
          answer.put("seconds", run(config));
        } else {
          answer.put("model", model(config, managed));
        }
      } catch (Exception error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        answer.put("error", text.toString());
      }
      answers.println(JSON.writeValueAsString(answer));
      answers.flush();
    }
  }

  /** What Flink ML's framework tells: the time of the job, without the start of its cluster. */
  private static double run(String config) throws Exception {
    double millis = 0;
    for (Map.Entry<String, Map<String, Map<String, ?>>> entry :
        BenchmarkUtils.parseJsonFile(config).entrySet()) {
      StreamTableEnvironment tables =
          StreamTableEnvironment.create(StreamExecutionEnvironment.getExecutionEnvironment());
      millis +=
          BenchmarkUtils.runBenchmark(tables, entry.getKey(), entry.getValue(), false).totalTimeMs;
    }
    return millis / 1000;
  }

  private static List<Object> model(String config, MemorySize managed) throws Exception {
    Map<String, Map<String, ?>> entry =
        BenchmarkUtils.parseJsonFile(config).values().iterator().next();
    StreamTableEnvironment tables =
        StreamTableEnvironment.create(LocalCluster.environment(1, managed));
    InputDataGenerator<?> rows = (InputDataGenerator<?>) instantiate(entry.get("inputData"));
    Estimator<?, ?> estimator = (Estimator<?, ?>) instantiate(entry.get("stage"));
    Model<?> model = (Model<?>) estimator.fit(rows.getData(tables));
    Table data = model.getModelData()[0];
    List<Object> plain = new ArrayList<>();
    try (CloseableIterator<Row> iterator = tables.toDataStream(data).executeAndCollect()) {
      while (iterator.hasNext()) {
        plain.add(plain(iterator.next()));
      }
    }
    return plain;
  }

  @SuppressWarnings({"rawtypes", "unchecked"})
  private static Object instantiate(Map<String, ?> spec) throws Exception {
    return (WithParams) ParamUtils.instantiateWithParams(spec);
  }

  /** Lists of lists and numbers, of whatever model data are made of. */
  private static Object plain(Object value) {
    List<Object> list = new ArrayList<>();
    if (value instanceof Row) {
      Row row = (Row) value;
      for (int i = 0; i < row.getArity(); i++) {
        list.add(plain(row.getField(i)));
      }
    } else if (value instanceof Tuple) {
      Tuple tuple = (Tuple) value;
      for (int i = 0; i < tuple.getArity(); i++) {
        list.add(plain(tuple.getField(i)));
      }
    } else if (value instanceof DenseVector) {
      for (double number : ((DenseVector) value).values) {
        list.add(number);
      }
    } else if (value instanceof Object[]) {
      for (Object each : (Object[]) value) {
        list.add(plain(each));
      }
    } else {
      return value;
    }
    return list;
  }

  /**
   * The local cluster that {@code getExecutionEnvironment} gives, with so many threads and enough
   * memory: Flink ML keeps the rows of iterations in managed memory, of which a local cluster has
   * 128 MB by default.
   */
  private static final class LocalCluster extends StreamExecutionEnvironment {
    static void install(int threads, MemorySize managed) {
      initializeContextEnvironment(configuration -> environment(threads, managed));
    }

    static StreamExecutionEnvironment environment(int threads, MemorySize managed) {
      Configuration configuration = new Configuration();
      configuration.set(CoreOptions.DEFAULT_PARALLELISM, threads);
      configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, threads);
      configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, managed);
      configuration.set(DeploymentOptions.TARGET, LocalExecutor.NAME);
      configuration.set(DeploymentOptions.ATTACHED, true);
      return new StreamExecutionEnvironment(configuration);
    }
  }
}
