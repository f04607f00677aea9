package dev.sluice.bench.play;

import dev.sluice.bench.work.Job.Result;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Results on their way from one process to another: how many, then of each its name, its length and its floats. */
final class ResultFile {
  private ResultFile() {}

  static void write(Path file, List<Result> results) throws IOException {
    try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeInt(results.size());
      for (Result result : results) {
        out.writeUTF(result.name());
        out.writeInt(result.values().length);
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, result.values().length));
        bytes.asFloatBuffer().put(result.values());
        out.write(bytes.array());
      }
    }
  }

  static List<Result> read(Path file) throws IOException {
    List<Result> results = new ArrayList<>();
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        var values = new float[in.readInt()];
        byte[] bytes = in.readNBytes(Float.BYTES * values.length);
        ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
        results.add(new Result(name, values));
      }
    }
    return results;
  }
}
