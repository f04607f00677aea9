package dev.sluice.bench.browser;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.bench.browser.Inspection.Plot;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import javax.imageio.ImageIO;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium that opens pages and looks at them closely. */
public final class Browser implements AutoCloseable {
  private static final int HEIGHT = 900;
  private static final JsonMapper JSON = new JsonMapper();

  /** Each picture with its place on the page, what covers something in it, and which labels of curves lie on others. */
  private static final String PLOTS = """
      const covers = mark => {
        const box = mark.getBoundingClientRect();
        const style = getComputedStyle(mark);
        return box.width + box.height > 1 && (style.fill !== 'none' || style.stroke !== 'none');
      };
      // To look at every mark of every picture takes minutes.
      const count = (marks, enough) => {
        let seen = 0;
        for (const mark of marks) {
          if (covers(mark) && ++seen === enough) {
            break;
          }
        }
        return seen;
      };
      const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      const meeting = plot => {
        const texts = Array.from(plot.querySelectorAll('text'), text =>
          ({words: text.textContent, box: text.getBoundingClientRect()}));
        return texts.flatMap((one, i) => texts.slice(i + 1).filter(other => meets(one.box, other.box))
          .map(other => one.words + ' | ' + other.words));
      };
      return Array.from(document.querySelectorAll('.plot'), plot => {
        const box = plot.getBoundingClientRect();
        const drawn = plot.querySelector('svg')?.getBoundingClientRect();
        return {
          title: plot.closest('figure').querySelector('strong').textContent,
          marks: count(plot.querySelectorAll('path, rect, polyline, circle'), arguments[0]),
          texts: plot.querySelectorAll('text').length,
          meeting: plot.closest('figure').matches('.curves') ? meeting(plot) : [],
          fits: !!drawn && Math.abs(drawn.width - box.width) < 2 && Math.abs(drawn.height - box.height) < 2,
          place: [box.left + scrollX, box.top + scrollY, box.width, box.height].map(Math.round),
        };
      });""";

  /** Waits until no picture has changed its size for some frames. */
  private static final String SETTLED = """
      return new Promise(done => {
        let before = '';
        let same = 0;
        const look = () => {
          const now = Array.from(document.querySelectorAll('.plot, .plot svg'),
            element => element.clientWidth + element.clientHeight).join();
          same = now === before ? same + 1 : 0;
          before = now;
          same < 10 ? requestAnimationFrame(look) : done();
        };
        look();
      });""";

  private final ChromeDriver driver;

  /**
   * Starts it with a profile of its own.
   *
   * @param profile an empty folder
   */
  public Browser(Path profile) {
    var logging = new LoggingPreferences();
    logging.enable(LogType.BROWSER, Level.ALL);
    logging.enable(LogType.PERFORMANCE, Level.ALL);
    var options = new ChromeOptions();
    options.setBinary(property("binary"));
    options.addArguments("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        "--user-data-dir=" + profile);
    options.setCapability("goog:loggingPrefs", logging);
    driver = new ChromeDriver(
        new ChromeDriverService.Builder().usingDriverExecutable(new File(property("driver"))).build(), options);
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty("sluice.browser." + name), name);
  }

  /**
   * Opens a page anew and looks at all of it.
   *
   * @param width of the window in pixels
   * @param scheme {@code light} or {@code dark}
   */
  public Inspection open(Path page, int width, String scheme) throws IOException {
    driver.executeCdpCommand("Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", HEIGHT, "deviceScaleFactor", 1, "mobile", false));
    driver.manage().logs().get(LogType.PERFORMANCE);
    driver.manage().logs().get(LogType.BROWSER);
    String address = page.toUri().toString();
    driver.get(address);
    driver.executeScript(SETTLED);
    int overflow = ((Number) driver.executeScript(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth")).intValue();
    byte[] screenshot = screenshot();
    List<Plot> plots = plots(ImageIO.read(new ByteArrayInputStream(screenshot)));
    return new Inspection(requests(address), messages(), overflow, plots, screenshot);
  }

  /** All that was asked for but the page and what it holds itself. */
  private List<String> requests(String page) throws IOException {
    List<String> requests = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode event = JSON.readTree(entry.getMessage()).path("message");
      String address = event.path("params").path("request").path("url").asText();
      if (event.path("method").asText().equals("Network.requestWillBeSent") && !address.equals(page)
          && !address.startsWith("data:")) {
        requests.add(address);
      }
    }
    return requests;
  }

  private List<String> messages() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue()).map(LogEntry::getMessage).toList();
  }

  private byte[] screenshot() {
    Object data = driver.executeCdpCommand("Page.captureScreenshot",
        Map.of("captureBeyondViewport", true, "optimizeForSpeed", true)).get("data");
    return Base64.getDecoder().decode((String) data);
  }

  private List<Plot> plots(BufferedImage screenshot) {
    List<Plot> plots = new ArrayList<>();
    for (JsonNode plot : JSON.<JsonNode>valueToTree(driver.executeScript(PLOTS, Inspection.LEAST_MARKS))) {
      JsonNode place = plot.get("place");
      BufferedImage picture = part(screenshot, place.get(0).intValue(), place.get(1).intValue(),
          place.get(2).intValue(), place.get(3).intValue());
      plots.add(new Plot(plot.get("title").textValue(), plot.get("marks").intValue(), plot.get("texts").intValue(),
          JSON.convertValue(plot.get("meeting"), new TypeReference<List<String>>() {}),
          plot.get("fits").booleanValue(), picture));
    }
    return plots;
  }

  /** What can be seen of a place: a wide one may reach out of the page, and is scrolled there. */
  private static BufferedImage part(BufferedImage whole, int x, int y, int width, int height) {
    return whole.getSubimage(x, y,
        Math.clamp(width, 1, whole.getWidth() - x), Math.clamp(height, 1, whole.getHeight() - y));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
