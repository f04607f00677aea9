package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Methods that take or return a vector are small enough for C2 to inline: its limit is FreqInlineSize, 325 bytecodes.
 * One that is not inlined has its vectors boxed at each call. A method of arrays may be larger: it is compiled by
 * itself.
 */
class KernelBytecodeTest {
  private static final int MOST_BYTECODES = 325;
  private static final String VECTORS = "Ljdk/incubator/vector/";

  @Test
  void methodsOfVectorsCanBeInlined() throws IOException, URISyntaxException {
    int checked = 0;
    List<String> tooLarge = new ArrayList<>();
    for (ClassModel model : kernels()) {
      for (MethodModel method : model.methods()) {
        if (method.methodType().stringValue().contains(VECTORS)) {
          int size = method.findAttribute(Attributes.code()).map(CodeAttribute::codeLength).orElse(0);
          checked++;
          if (size > MOST_BYTECODES) {
            tooLarge.add(model.thisClass().asInternalName() + "." + method.methodName() + ": " + size + " bytecodes");
          }
        }
      }
    }
    assertTrue(checked > 20, checked + " methods take or return vectors");
    assertEquals(List.of(), tooLarge);
  }

  private static List<ClassModel> kernels() throws IOException, URISyntaxException {
    Path folder = Path.of(VectorBackend.class.getResource("VectorBackend.class").toURI()).getParent();
    List<ClassModel> models = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        models.add(ClassFile.of().parse(file));
      }
    }
    return models;
  }
}
