package io.kvlane.agent.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One multipart message of an engine. Publishers and replays frame it in five ways; one rule reads
 * all: the payload is the last frame, the sequence the frame before.
 *
 * @param topic the frame before the sequence, empty if there is none
 * @param sequence of the publisher; {@link #END} closes a replay
 * @param payload a batch in msgpack; empty in an end marker
 */
public record EventMessage(String topic, long sequence, byte[] payload) {
  /** The sequence of a replay's end marker. */
  public static final long END = -1;

  private static final int MAX_FRAMES = 5;

  /**
   * Reads a message's frames.
   *
   * @throws MalformedException if it is not 2 to 5 frames with a sequence of 8 bytes
   */
  public static EventMessage of(List<byte[]> frames) throws MalformedException {
    int count = frames.size();
    if (count < 2 || count > MAX_FRAMES) {
      throw new MalformedException(count + " frames (expected: 2 to " + MAX_FRAMES + ")");
    }
    byte[] sequence = frames.get(count - 2);
    if (sequence.length != Long.BYTES) {
      throw new MalformedException(
          "sequence frame of " + sequence.length + " bytes (expected: " + Long.BYTES + ")");
    }
    String topic = count == 2 ? "" : new String(frames.get(count - 3), UTF_8);
    return new EventMessage(topic, ByteBuffer.wrap(sequence).getLong(), frames.get(count - 1));
  }

  /**
   * Reads a recorded message: each frame as a 4-byte big-endian length and its bytes.
   *
   * @throws MalformedException if lengths and bytes do not add up, or the frames are no message
   */
  public static EventMessage ofRecording(byte[] file) throws MalformedException {
    List<byte[]> frames = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(file);
    while (in.hasRemaining()) {
      int at = in.position();
      int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
      if (length < 0 || length > in.remaining() || frames.size() == MAX_FRAMES) {
        throw new MalformedException("no frame of a recorded message at byte " + at);
      }
      byte[] frame = new byte[length];
      in.get(frame);
      frames.add(frame);
    }
    return of(frames);
  }

  /** Whether this closes a replay. */
  public boolean isEnd() {
    return sequence == END && payload.length == 0;
  }

  @Override
  public String toString() {
    return "EventMessage[" + sequence + ", " + payload.length + " bytes]";
  }
}
