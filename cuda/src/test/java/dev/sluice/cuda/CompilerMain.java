package dev.sluice.cuda;

import java.util.Arrays;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/**
 * Compiles the kernels' PTX by the compiler of CUDA 12.0 that JCuda brings, for the architectures given, and prints
 * each with the bytes that come of it.
 */
final class CompilerMain {
  private CompilerMain() {}

  public static void main(String[] architectures) {
    byte[] ptx = Ptx.bytes();
    byte[] text = Arrays.copyOf(ptx, ptx.length + 1);
    for (String architecture : architectures) {
      nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
      require("create", JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text), compiler);
      String[] options = {"--gpu-name=" + architecture};
      require("compile", JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options), compiler);
      long[] size = new long[1];
      require("size", JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(compiler, size), compiler);
      System.out.println(architecture + " " + size[0]);
      require("destroy", JNvPTXCompiler.nvPTXCompilerDestroy(compiler), compiler);
    }
  }

  private static void require(String what, int result, nvPTXCompilerHandle compiler) {
    if (result != 0) {
      long[] size = new long[1];
      JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
      byte[] log = new byte[(int) size[0] + 1];
      JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
      throw new IllegalStateException(what + " gives " + result + ": " + new String(log).strip());
    }
  }
}
