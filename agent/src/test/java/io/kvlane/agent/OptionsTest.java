package io.kvlane.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  private static String error(String arguments) {
    StringWriter err = new StringWriter();
    int status = AgentMain.commandLine().setErr(new PrintWriter(err)).execute(arguments.split(" "));
    assertThat(status).isEqualTo(2);
    return err.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--engine http://127.0.0.1:1                    | --replica",
        "--replica a                                    | --engine",
        "--replica a/b --engine http://127.0.0.1:1      | --replica: 'a/b'",
        "--replica a --engine 127.0.0.1:8000            | --engine: '127.0.0.1:8000'",
        "--replica a --engine ftp://127.0.0.1:1         | --engine: 'ftp://127.0.0.1:1'",
        "--replica a --engine http://h:1 --advertise x  | --advertise: 'x'",
        "--replica a --engine http://h:1 --events nohost                        | --events:"
            + " 'nohost'",
        "--replica a --engine http://h:1 --events tcp://127.0.0.1               | --events:"
            + " 'tcp://127.0.0.1'",
        "--replica a --engine http://h:1 --replay tcp://h:2                     | --replay:"
            + " 'tcp://h:2' (expected: as many as --events, which are 0)",
        "--replica a --engine http://h:1 --events tcp://h:1 --events tcp://h:2 --replay tcp://h:3 |"
            + " --replay: 'tcp://h:3' (expected: as many as --events, which are 2)",
        "--replica a --engine http://h:1 --events tcp://h:1 --events-mode both  | --events-mode:"
            + " 'both'",
        "--replica a --engine http://h:1 --block-size many                      | --block-size",
        "--replica a --engine http://h:1 --member 127.0.0.1                     | --member:"
            + " '127.0.0.1'",
        "--replica a --engine http://h:1 --listen 127.0.0.1:99999               | --listen:"
            + " '127.0.0.1:99999'",
      })
  void run_wrongOption_isNamedWithWhatWasExpected(String arguments, String named) {
    assertThat(error("run " + arguments)).contains(named);
  }

  @Test
  void watch_noEndpoint_isNamed() {
    assertThat(error("watch nowhere")).contains("ENDPOINT: 'nowhere' (expected: a ZeroMQ endpoint");
    assertThat(error("watch tcp://h:1 --replay x")).contains("--replay: 'x'");
  }

  @Test
  void noCommand_saysWhichThereAre() {
    assertThat(error("frobnicate")).contains("frobnicate");
  }
}
