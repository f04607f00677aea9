package dev.sluice.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.sluice.cuda.SoftGpu;
import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** cuBLAS 12 by JCuda, cuBLAS 12 and 13 by {@code java.lang.foreign}: the same products. */
class BlasTest {
  private static final String CUBLAS_13 = SoftGpu.CUBLAS.resolveSibling("libcublas.so.13").toString();

  @Test
  void everyBindingGivesTheSameBits() throws IOException, InterruptedException {
    List<String> jcuda = products(SoftGpu.flags());
    List<String> foreign = products(with(SoftGpu.flags(), "-Dsluice.cuda.foreignBlas=true"));
    List<String> later = products(SoftGpu.flags(SoftGpu.DRIVER.toString(), CUBLAS_13));
    assertEquals("cuBLAS 12.6 by JCuda", jcuda.getFirst());
    assertEquals("cuBLAS 12.6", foreign.getFirst());
    assertEquals("cuBLAS 13.0", later.getFirst());
    assertEquals(rest(jcuda), rest(foreign));
    assertEquals(rest(jcuda), rest(later));
  }

  @Test
  void roundsToTf32WhereAllowedAlone() throws IOException, InterruptedException {
    for (List<String> flags : List.of(SoftGpu.flags(), SoftGpu.flags(SoftGpu.DRIVER.toString(), CUBLAS_13))) {
      assertNotEquals(rest(products(flags)), rest(products(with(flags, "-Dsluice.cuda.tf32=true"))));
    }
  }

  private static List<String> products(List<String> flags) throws IOException, InterruptedException {
    return ChildJvm.run(flags, ProductsMain.class).requireOutput();
  }

  private static List<String> with(List<String> flags, String more) {
    List<String> all = new ArrayList<>(flags);
    all.add(more);
    return all;
  }

  private static List<String> rest(List<String> lines) {
    return lines.subList(1, lines.size());
  }
}
