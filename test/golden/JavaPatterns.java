import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What java.util.regex does with patterns and texts, for java-patterns.json; run with
 * `java test/golden/JavaPatterns.java` in the root of the repository.
 */
public class JavaPatterns {
  static final String[] PATTERNS = {
    "\\s+", "\\s", "", "a", "a*", "[,.]", ",", "x*", "(?=b)", "b|", "\\w+", "\\W+", "\\d", "\\D+",
    "\\S+", "\\h", "\\H+", "\\v", "\\V+", "\\R", ".", ".+", "^", "$", "b$", "\\Z", "\\z", "\\A.",
    "\\p{Punct}", "\\P{Punct}+", "\\w+|\\p{Punct}", "\\p{Lower}+", "\\p{Upper}", "\\p{Alpha}+",
    "\\p{Space}", "\\p{Blank}", "\\p{Cntrl}", "\\p{Print}+", "\\p{Graph}+", "\\p{XDigit}+",
    "\\p{ASCII}+", "\\p{Alnum}+", "\\pL+", "\\p{L}+", "\\p{Lu}", "\\p{IsAlphabetic}+",
    "\\p{IsLatin}+", "\\p{script=Greek}+", "\\p{gc=Ll}+", "\\p{IsPunctuation}", "\\P{L}+",
    "[a-c]+", "[^a-c\\s]+", "[a-z&&[^aeiou]]+", "[a-z&&[a-m]&&[^b]]+", "[^a-z&&[^x]]", "[a-m[x-z]]+",
    "[]a]", "[a\\]]", "[a-]", "[-a]", "[\\w&&[^\\d]]+", "[\\s,;]+", "[\\S&&[^a]]+", "[.]", "[&]",
    "[a&b]", "[(){}/|*+?$]", "[\\Qa-c\\E]", "\\Q.\\E", "\\Qa.b\\E", "\\Q", "\\.", "\\-", "\\\"",
    "\\/", "\\#", "\\x61", "\\x{1F600}", "\\u00e9", "\\uD83D\\uDE00", "\\0141", "\\ca", "\\t",
    "\\a", "\\e", "[\\t\\x0B]", "(a)(b)", "(?:a|b)c", "(?<n>a)b", "(a)\\1", "(?<n>a)\\k<n>", "a{2}",
    "a{2,}", "a{1,2}?", "a+?", "a??", "(?<=a)b", "(?<!a)b", "a(?!b)", "}", "]", "\\[", "é", "😀",
    "[😀é]", "\\b", "\\B", "[^\\n]+", "[\\p{Punct}&&[^.]]+", "[\\p{L}\\d]+", "=+", "!!", "[!!#%,:;<=>@`~]",
  };

  /** Without letters beyond ASCII next to a \b, which JDK 19 made ASCII. */
  static final String[] TEXTS = {
    "", " ", "a", "aa", "ab", "aab bab", " a  b ", "a,b,,c,,", ",a", "Te,st. punct", "x1_y-2.5",
    "line\none\r\ntwo\rthree\u0085four\u2028five\n", "end\r\n", "\ta\u000bb\fc\u00a0d\u3000e",
    "caf\u00e9 \u03a3\u03bf\u03c6 \u6771\u4eac", "\ud83d\ude00a\ud83d\ude00", "a]b}c[d", "a.b-c\"d/e#f&g|h",
    "(){}*+?$ <=>@`~!!%:;", "abcxyz ABC 0189 fF", "\u0007\u001b\u0001", "a&&b a&b",
  };

  static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c >= 32 && c < 127 && c != '"' && c != '\\') out.append(c);
      else out.append(String.format("\\u%04x", (int) c));
    }
    return out.append('"').toString();
  }

  static String list(List<String> items) {
    return "[" + String.join(", ", items.stream().map(JavaPatterns::quote).toList()) + "]";
  }

  public static void main(String[] args) throws Exception {
    List<String> patterns = new ArrayList<>();
    for (String source : PATTERNS) {
      Pattern pattern = Pattern.compile(source);
      List<String> cases = new ArrayList<>();
      for (int i = 0; i < TEXTS.length; i++) {
        String text = TEXTS[i];
        boolean ascii = text.chars().allMatch(c -> c < 128);
        if (source.equalsIgnoreCase("\\b") && !ascii) continue;
        List<String> matches = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) matches.add(matcher.group());
        // Text without a match is one part: the test knows.
        if (matches.isEmpty()) continue;
        List<String> split = Arrays.asList(pattern.split(text));
        cases.add(String.format("[%d, %s, %s]", i, list(split), list(matches)));
      }
      patterns.add(String.format(
          "{\"pattern\": %s, \"cases\": [%s]}", quote(source), String.join(", ", cases)));
    }
    List<String> lower = new ArrayList<>();
    for (String text : new String[] {"ABC", "\u0130I\u0131i", "\u03a3\u03a3", "A\u03a3", "A\u03a3B", "\u212a\u00c5", "\ud801\udc00", "\u1e9e", "\u01c5"}) {
      lower.add(String.format("{\"text\": %s, \"root\": %s, \"tr\": %s}", quote(text),
          quote(text.toLowerCase(Locale.ROOT)), quote(text.toLowerCase(new Locale("tr")))));
    }
    String json = "{\"script\": \"test/golden/JavaPatterns.java\", \"versions\": {\"java\": "
        + quote(System.getProperty("java.version")) + "},\n\"lower\": [\n" + String.join(",\n", lower)
        + "],\n\"texts\": " + list(Arrays.asList(TEXTS)) + ",\n\"patterns\": [\n"
        + String.join(",\n", patterns) + "\n]}\n";
    Files.writeString(Path.of("test/golden/java-patterns.json"), json);
  }
}
