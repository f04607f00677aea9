package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.integers;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.WindowKernels;
import dev.sluice.spi.Windows;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Windows (u, v) with taps (i, j) at the positions (p, q) of the planes of x (batch, channels, rows, columns): unfolded
 * {@code columns[c,i,j,s,u,v] = x[first+s,c,p,q]}, and largest element and mean of each window.
 */
final class ReferenceWindow implements WindowKernels {
  @Override
  public void unfold(UnfoldSpec spec, Buffer x, Buffer columns) {
    ReferenceArguments.check("unfold", spec.operands(Pass.FORWARD), x, columns);
    double[] in = reals(x);
    double[] out = reals(columns);
    forEachCopy(spec, (at, copy) -> out[copy] = at < 0 ? 0 : in[at]);
  }

  @Override
  public void unfoldBackward(UnfoldSpec spec, Buffer gradColumns, Buffer gradX) {
    ReferenceArguments.check("unfoldBackward", spec.operands(Pass.BACKWARD), gradColumns, gradX);
    double[] gradCopies = reals(gradColumns);
    double[] gradIn = reals(gradX);
    int sample = spec.windows().channels() * spec.windows().plane();
    Arrays.fill(gradIn, spec.first() * sample, (spec.first() + spec.samples()) * sample, 0);
    forEachCopy(spec, (at, copy) -> {
      if (at >= 0) {
        gradIn[at] += gradCopies[copy];
      }
    });
  }

  /** An element of x, or -1 in the padding, and where its copy lies. */
  private interface Copy {
    void run(int at, int copy);
  }

  private static void forEachCopy(UnfoldSpec spec, Copy each) {
    Windows windows = spec.windows();
    int copy = 0;
    for (int c = 0; c < windows.channels(); c++) {
      for (int i = 0; i < windows.rows().kernel(); i++) {
        for (int j = 0; j < windows.columns().kernel(); j++) {
          for (int s = 0; s < spec.samples(); s++) {
            for (int u = 0; u < windows.rows().count(); u++) {
              for (int v = 0; v < windows.columns().count(); v++) {
                int within = at(windows, u, v, i, j);
                int plane = (spec.first() + s) * windows.channels() + c;
                each.run(within < 0 ? -1 : plane * windows.plane() + within, copy++);
              }
            }
          }
        }
      }
    }
  }

  @Override
  public void maxPool(MaxPoolSpec spec, Buffer x, Buffer y, @Nullable Buffer indices) {
    ReferenceArguments.check("maxPool", spec.operands(Pass.FORWARD), x, y, indices);
    double[] in = reals(x);
    double[] out = reals(y);
    Windows windows = spec.windows();
    forEachWindow(windows, (plane, u, v, window) -> {
      int best = -1;
      for (int i = 0; i < windows.rows().kernel(); i++) {
        for (int j = 0; j < windows.columns().kernel(); j++) {
          int at = at(windows, u, v, i, j);
          if (at >= 0 && (best < 0 || in[plane + at] > in[plane + best] || Double.isNaN(in[plane + at]))) {
            best = at;
          }
        }
      }
      out[window] = in[plane + best];
      if (indices != null) {
        integers(indices)[window] = best;
      }
    });
  }

  @Override
  public void maxPoolBackward(MaxPoolSpec spec, Buffer indices, Buffer gradY, Buffer gradX) {
    ReferenceArguments.check("maxPoolBackward", spec.operands(Pass.BACKWARD), indices, gradY, gradX);
    double[] gradOut = reals(gradY);
    double[] gradIn = reals(gradX);
    Windows windows = spec.windows();
    Arrays.fill(gradIn, 0, windows.batch() * windows.channels() * windows.plane(), 0);
    forEachWindow(windows, (plane, u, v, window) -> gradIn[plane + integers(indices)[window]] += gradOut[window]);
  }

  @Override
  public void averagePool(AveragePoolSpec spec, Buffer x, Buffer y) {
    ReferenceArguments.check("averagePool", spec.operands(Pass.FORWARD), x, y);
    double[] in = reals(x);
    double[] out = reals(y);
    Windows windows = spec.windows();
    forEachWindow(windows, (plane, u, v, window) -> {
      double sum = 0;
      for (int i = 0; i < windows.rows().kernel(); i++) {
        for (int j = 0; j < windows.columns().kernel(); j++) {
          int at = at(windows, u, v, i, j);
          sum += at < 0 ? 0 : in[plane + at];
        }
      }
      out[window] = sum / spec.divisor(u, v);
    });
  }

  @Override
  public void averagePoolBackward(AveragePoolSpec spec, Buffer gradY, Buffer gradX) {
    ReferenceArguments.check("averagePoolBackward", spec.operands(Pass.BACKWARD), gradY, gradX);
    double[] gradOut = reals(gradY);
    double[] gradIn = reals(gradX);
    Windows windows = spec.windows();
    Arrays.fill(gradIn, 0, windows.batch() * windows.channels() * windows.plane(), 0);
    forEachWindow(windows, (plane, u, v, window) -> {
      for (int i = 0; i < windows.rows().kernel(); i++) {
        for (int j = 0; j < windows.columns().kernel(); j++) {
          int at = at(windows, u, v, i, j);
          if (at >= 0) {
            gradIn[plane + at] += gradOut[window] / spec.divisor(u, v);
          }
        }
      }
    });
  }

  /** A window (u, v) of the plane that starts at an element of x, and its number. */
  private interface Window {
    void run(int plane, int u, int v, int window);
  }

  private static void forEachWindow(Windows windows, Window each) {
    int window = 0;
    for (int plane = 0; plane < windows.batch() * windows.channels(); plane++) {
      for (int u = 0; u < windows.rows().count(); u++) {
        for (int v = 0; v < windows.columns().count(); v++) {
          each.run(plane * windows.plane(), u, v, window++);
        }
      }
    }
  }

  /** Where in its plane tap (i, j) of window (u, v) lies, or -1 in the padding. */
  private static int at(Windows windows, int u, int v, int i, int j) {
    int p = windows.rows().position(u, i);
    int q = windows.columns().position(v, j);
    return windows.rows().holds(p) && windows.columns().holds(q) ? p * windows.columns().size() + q : -1;
  }
}
