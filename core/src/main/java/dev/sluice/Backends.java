package dev.sluice;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.BackendProvider;
import dev.sluice.spi.Probe;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which backend computes. {@link #selected} is what tensors are made on unless told otherwise: the one named by {@code
 * -Dsluice.backend} or the environment's {@code SLUICE_BACKEND}, or, for {@code auto} and by default, the usable one of
 * the highest priority. An automatic choice logs one line; where it has to fall to the reference backend, that line is
 * a warning with the exact remedy.
 *
 * <p>A backend of devices is named with the device's number after a colon, {@code cuda:1} for the second; without one
 * it is the first.
 */
public final class Backends {
  /** The property that names the backend. */
  public static final String PROPERTY = "sluice.backend";

  /** The environment variable that names the backend where the property does not. */
  public static final String VARIABLE = "SLUICE_BACKEND";

  /** The name that asks for the automatic choice. */
  public static final String AUTO = "auto";

  private static final System.Logger LOG = System.getLogger("dev.sluice");
  private static final String FALLBACK = "reference";
  private static final Map<Choice, Backend> SHARED = new HashMap<>();

  private static @Nullable Backend selected;
  private static boolean announced;

  /**
   * A backend by name: a provider, and one of its devices.
   *
   * @param provider the provider's id
   * @param device the device's number
   */
  private record Choice(String provider, int device) {
    private static final Pattern NUMBERED = Pattern.compile("(.+):(\\d{1,4})");

    static Choice of(String id, int device) {
      Matcher parts = NUMBERED.matcher(id);
      return parts.matches() ? new Choice(parts.group(1), Integer.parseInt(parts.group(2))) : new Choice(id, device);
    }
  }

  private Backends() {}

  /** All providers found, of the highest priority first. */
  public static List<BackendProvider> providers() {
    return ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparingInt(BackendProvider::priority).reversed().thenComparing(BackendProvider::id))
        .toList();
  }

  /** The process's default backend, chosen when first asked for. */
  public static synchronized Backend selected() {
    if (selected == null) {
      String name = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, AUTO));
      selected = named(name);
    }
    return selected;
  }

  /** Makes a backend the process's default. Tensors that exist stay where they are. */
  public static synchronized void select(Backend backend) {
    selected = backend;
  }

  /**
   * The shared backend of a name, made when first asked for; {@code auto} for the automatic choice.
   *
   * @throws IllegalArgumentException if there is no provider of that name
   * @throws BackendUnavailableException if the backend cannot run here
   */
  public static Backend named(String name) {
    return name.equals(AUTO) ? automatic() : get(name);
  }

  /**
   * The shared backend of an id, made when first asked for.
   *
   * @param id a provider's id; with {@code :N} its device N
   * @throws IllegalArgumentException if there is no provider of that id
   * @throws BackendUnavailableException if the backend cannot run here
   */
  public static synchronized Backend get(String id) {
    BackendOptions options = BackendOptions.defaults();
    Choice choice = Choice.of(id, options.device());
    Backend known = SHARED.get(choice);
    if (known == null) {
      known = create(id, options);
      SHARED.put(choice, known);
    }
    return known;
  }

  /** The shared backend of the usable provider of the highest priority. */
  public static synchronized Backend automatic() {
    StringBuilder refusals = new StringBuilder();
    for (BackendProvider provider : providers()) {
      Probe probe = provider.probe();
      if (probe.usable()) {
        Backend backend = get(provider.id());
        if (!announced) {
          announced = true;
          announce(backend, refusals.toString());
        }
        return backend;
      }
      refusals.append("; no ").append(provider.id()).append(": ").append(probe.reason()).append(" (")
          .append(probe.remedy()).append(')');
    }
    throw new IllegalStateException("backend: none is usable" + refusals);
  }

  /**
   * A new backend of the caller's own, to be closed by the caller.
   *
   * @param id a provider's id; with {@code :N} its device N in place of that of the options
   * @throws IllegalArgumentException if there is no provider of that id
   * @throws BackendUnavailableException if the backend cannot run here
   */
  public static Backend create(String id, BackendOptions options) {
    Choice choice = Choice.of(id, options.device());
    BackendProvider provider = provider(choice.provider());
    Probe probe = provider.probe(choice.device());
    if (!probe.usable()) {
      throw new BackendUnavailableException(id, probe);
    }
    return provider.create(options.withDevice(choice.device()));
  }

  private static BackendProvider provider(String id) {
    List<BackendProvider> providers = providers();
    return providers.stream().filter(p -> p.id().equals(id)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("backend: name is " + id + ", wanted " + AUTO + " or one of "
            + providers.stream().map(BackendProvider::id).collect(Collectors.joining(", "))));
  }

  private static void announce(Backend backend, String refusals) {
    System.Logger.Level level =
        backend.id().equals(FALLBACK) && !refusals.isEmpty() ? System.Logger.Level.WARNING : System.Logger.Level.INFO;
    LOG.log(level, "backend " + backend.description() + refusals);
  }
}
