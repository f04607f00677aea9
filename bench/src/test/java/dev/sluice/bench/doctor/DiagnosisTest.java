package dev.sluice.bench.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.bench.doctor.Diagnosis.BackendState;
import dev.sluice.bench.doctor.Diagnosis.DataState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
  private static final Machine MACHINE = new Machine(
      "25.0.3", "Some", "/jdk", "Linux 6", "amd64", "Fast CPU", 8, 2048, true, 512, true, true, 4);

  private static final Diagnosis DIAGNOSIS = new Diagnosis(
      MACHINE,
      List.of(
          new BackendState("cuda", 200, false, "no driver", "install one", Map.of()),
          new BackendState("vector", 100, true, "512 bits", "", Map.of("vectorBits", "512")),
          new BackendState("reference", 0, true, "plain loops", "", Map.of())),
      "vector",
      List.of(new DataState("fashion-mnist", "/data", ""), new DataState("other", null, "get it")));

  @Test
  void tellsPeopleEverything() {
    assertEquals("""
        Java       25.0.3 (Some) in /jdk
        System     Linux 6, amd64
        Processor  Fast CPU, 8 cores, 2048 MB of heap at most
        Vectors    512 bits, FMA yes, C2 yes
        Threads    4
        Backends
          cuda             not usable: no driver
                           install one
          vector           usable, taken by auto: 512 bits
          reference        usable: plain loops
        Data
          fashion-mnist    /data
          other            not found; get it
        """, String.join("\n", DIAGNOSIS.lines()) + "\n");
  }

  @Test
  void tellsProgramsEverything() throws IOException {
    JsonNode json = new ObjectMapper().valueToTree(DIAGNOSIS);
    assertEquals(512, json.at("/machine/vectorBits").intValue());
    assertTrue(json.at("/machine/fma").booleanValue() && json.at("/machine/c2").booleanValue());
    assertEquals("vector", json.at("/automatic").textValue());
    assertEquals("""
        {"id":"cuda","priority":200,"usable":false,"reason":"no driver","remedy":"install one","facts":{}}""",
        json.at("/backends/0").toString());
    assertEquals("/data", json.at("/data/0/folder").textValue());
  }

  @Test
  void findsThisMachine() {
    Machine here = Machine.here();
    assertEquals(Runtime.version().toString(), here.java());
    assertTrue(here.cores() >= 1 && here.threads() >= 1);
    assertEquals(here.vectorModule(), here.vectorBits() != null);
  }
}
