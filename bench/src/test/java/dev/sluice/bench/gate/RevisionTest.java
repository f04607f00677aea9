package dev.sluice.bench.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.bench.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevisionTest {
  @Test
  void whatGitDoesNotKnowIsRefused(@TempDir Path folder) {
    var failure = assertThrows(UsageException.class, () -> new Revision(folder, "nowhere"));
    assertEquals("--check nowhere: git knows no such revision in " + folder, failure.getMessage());
  }

  @Test
  void whatCannotBeBuiltLeavesNothingBehind(@TempDir Path folder) throws IOException, InterruptedException {
    git(folder, "init", "-q");
    Files.writeString(folder.resolve("pom.xml"), "<project/>");
    git(folder, "add", "pom.xml");
    git(folder, "-c", "user.name=T", "-c", "user.email=t@t", "commit", "-q", "-m", "nothing to build");
    assertThrows(UsageException.class, () -> new Revision(folder, "HEAD"));
    String trees = Command.run(folder, "git", "worktree", "list").output();
    assertEquals(1, trees.lines().count(), trees);
    assertFalse(trees.contains("sluice-base"), trees);
  }

  private static void git(Path folder, String... words) throws IOException, InterruptedException {
    String[] command = new String[words.length + 1];
    command[0] = "git";
    System.arraycopy(words, 0, command, 1, words.length);
    Command.Outcome outcome = Command.run(folder, command);
    assertEquals(0, outcome.code(), outcome.output());
  }
}
