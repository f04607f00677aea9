package dev.sluice.bench.work.sluice;

import dev.sluice.Backends;
import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Performer;
import dev.sluice.bench.work.Work;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;

/** Sluice on one of its backends. */
public final class SluicePerformer implements Performer {
  private final String id;

  /** On the vector backend. */
  public SluicePerformer() {
    this("vector");
  }

  /** On the backend of an id. */
  public SluicePerformer(String id) {
    this.id = id;
  }

  @Override
  public String name() {
    return "sluice";
  }

  @Override
  public boolean can(Work work) {
    return true;
  }

  @Override
  public Job prepare(Work work, int threads) {
    Backend backend = Backends.create(id, new BackendOptions(threads));
    Backend before = Backends.selected();
    Backends.select(backend);
    var arguments = new Arguments(backend, new Inputs(work));
    return new StepJob(backend, before, step(work, arguments));
  }

  private static Step step(Work work, Arguments arguments) {
    return switch (work) {
      case Work.Gemm gemm -> Products.of(gemm, arguments);
      case Work.Softmax softmax -> Softmaxes.of(softmax, arguments);
      case Work.Attention attention -> Attentions.of(attention, arguments);
      case Work.Recurrent recurrent -> Recurrences.of(recurrent, arguments);
      case Work.IndRnn indRnn -> Recurrences.of(indRnn, arguments);
      case Work.ClipByNorm clip -> new Clipping(clip, arguments);
      case Work.AdamStep adam -> new AdamSteps(adam, arguments);
      case Work.LayerNorm norm -> LayerNorms.of(norm, arguments);
      case Work.CrossEntropy loss -> Classes.of(loss, arguments);
      case Work.EmbeddingGradient embedding -> Classes.of(embedding, arguments);
      case Work.Epoch epoch -> Epochs.of(epoch, arguments);
    };
  }
}
