package io.kvlane.agent.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventMessageTest {
  private static final byte[] EMPTY = {};
  private static final byte[] TOPIC = "kv".getBytes(UTF_8);
  private static final byte[] SEQUENCE = {0, 0, 0, 0, 0, 0, 1, 2};
  private static final byte[] END = {-1, -1, -1, -1, -1, -1, -1, -1};
  private static final byte[] PAYLOAD = {(byte) 0x90};

  @Test
  void of_everyFraming_payloadIsLastAndSequenceBefore() throws MalformedException {
    for (List<byte[]> frames :
        List.of(
            List.of(SEQUENCE, PAYLOAD),
            List.of(TOPIC, SEQUENCE, PAYLOAD),
            List.of(EMPTY, SEQUENCE, PAYLOAD),
            List.of(EMPTY, TOPIC, SEQUENCE, PAYLOAD),
            List.of(EMPTY, EMPTY, TOPIC, SEQUENCE, PAYLOAD))) {
      EventMessage message = EventMessage.of(frames);
      assertThat(message.sequence()).isEqualTo(258);
      assertThat(message.payload()).isSameAs(PAYLOAD);
    }
  }

  @Test
  void of_bothEndMarkers_areTheEnd() throws MalformedException {
    assertThat(EventMessage.of(List.of(EMPTY, END, EMPTY)).isEnd()).isTrue();
    assertThat(EventMessage.of(List.of(EMPTY, EMPTY, END, EMPTY)).isEnd()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6})
  void of_wrongNumberOfFrames_isMalformed(int count) {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(SEQUENCE);
    }
    assertThatThrownBy(() -> EventMessage.of(frames)).isInstanceOf(MalformedException.class);
  }

  @Test
  void of_sequenceOf7Bytes_isMalformed() {
    assertThatThrownBy(() -> EventMessage.of(List.of(TOPIC, new byte[7], PAYLOAD)))
        .hasMessage("sequence frame of 7 bytes (expected: 8)");
  }

  @Test
  void ofRecording_cutOff_isMalformed() {
    assertThatThrownBy(() -> EventMessage.ofRecording(new byte[] {0, 0, 0, 9, 1}))
        .hasMessage("no frame of a recorded message at byte 0");
  }
}
