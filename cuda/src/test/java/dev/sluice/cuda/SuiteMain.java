package dev.sluice.cuda;

import java.io.PrintWriter;
import java.util.Arrays;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs tests where there is no Maven, for native/gpu-day. Arguments: a tag that they bear, and what holds them as
 * JUnit's selectors have it, such as {@code package:dev.sluice.conformance}. The exit status is 1 if a test fails or
 * none is found.
 */
final class SuiteMain {
  private SuiteMain() {}

  public static void main(String[] arguments) {
    DiscoverySelector[] selectors = Arrays.stream(arguments).skip(1)
        .map(argument -> DiscoverySelectors.parse(argument).orElseThrow()).toArray(DiscoverySelector[]::new);
    LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request().selectors(selectors)
        .filters(TagFilter.includeTags(arguments[0])).build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    PrintWriter out = new PrintWriter(System.out, true);
    summary.printFailuresTo(out);
    summary.printTo(out);
    System.exit(summary.getTotalFailureCount() == 0 && summary.getTestsSucceededCount() > 0 ? 0 : 1);
  }
}
