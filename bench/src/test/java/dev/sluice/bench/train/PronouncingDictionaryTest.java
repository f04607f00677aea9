package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PronouncingDictionaryTest {
  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("some.dict"), text);
  }

  @Test
  void variantsBelongToTheirWord() throws IOException {
    List<Word> words = PronouncingDictionary.read(write("""
        ;;; a comment
        read R EH D
        read(2) R IY D

        a.m.(2)  EY EH M
        read(12)\tR IY D
        (open OW P AH N
        """)).words();
    assertEquals(List.of(
        new Word("read", List.of(List.of("R", "EH", "D"), List.of("R", "IY", "D"))),
        new Word("a.m.", List.of(List.of("EY", "EH", "M"))),
        new Word("(open", List.of(List.of("OW", "P", "AH", "N")))), words);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      a EY%nb      | :2: 'b' has no phonemes, wanted a word and its phonemes such as 'hello HH AH L OW'
      ;;; nothing  | : no word there, wanted lines such as 'hello HH AH L OW'
      """)
  void refusesWhatIsNoDictionary(String text, String message) throws IOException {
    Path file = write(text.formatted());
    assertEquals(file + message,
        assertThrows(DataException.class, () -> PronouncingDictionary.read(file)).getMessage());
  }

  @Test
  void refusesWhatIsNoText() throws IOException {
    Path file = Files.write(folder.resolve("bytes"), new byte[] {'a', (byte) 0xff, ' '});
    assertEquals(file + ": not a text in UTF-8, wanted lines such as 'hello HH AH L OW'",
        assertThrows(DataException.class, () -> PronouncingDictionary.read(file)).getMessage());
  }
}
