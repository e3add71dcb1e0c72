package io.kvlane.locality.prefix;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The content of a prompt's full blocks, each as one XXH3-64 hash that knows nothing of model,
 * tenant or what came before. A request's salt may stand behind its prompt, so content is hashed
 * first and {@linkplain #chain rooted} afterwards:
 *
 * <pre>
 * content[i] = XXH3-64(bytes of block i)            tokens as unsigned 32-bit little-endian
 * key[i]     = XXH3-64(LE64(key[i-1]) LE64(content[i])),   key[-1] = {@link ChainRoot#key()}
 * </pre>
 *
 * <p>A key's top four bits are those of its root, the chain's {@linkplain ResidencyClass residency
 * class}.
 *
 * <p>Content hashes are not salted: they must not leave the process. Immutable; safe for any
 * thread.
 *
 * @see <a href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">XXH3</a>
 */
public final class Blocks {
  private static final Hasher64 XXH3 = Hashing.xxh3_64();
  private static final VarHandle LE_INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final KeySpace space;
  private final int blockSize;
  private final long size;
  private final long[] contents;

  private Blocks(KeySpace space, int blockSize, long size, long[] contents) {
    this.space = space;
    this.blockSize = blockSize;
    this.size = size;
    this.contents = contents;
  }

  /** Starts a prompt in the {@link KeySpace#TEXT} space, cut into chunks of {@code chunkBytes}. */
  public static TextBuilder text(int chunkBytes) {
    return new TextBuilder(chunkBytes);
  }

  /** Cuts token ids (unsigned 32-bit) into blocks of {@code blockSize}; the rest has no block. */
  public static Blocks tokens(int[] tokens, int blockSize) {
    long[] contents = new long[tokens.length / blockSize];
    for (int i = 0; i < contents.length; i++) {
      contents[i] = tokenContent(tokens, i * blockSize, blockSize);
    }
    return new Blocks(KeySpace.TOKENS, blockSize, tokens.length, contents);
  }

  /** The content hash of the block {@code tokens[offset, offset + count)}. */
  public static long tokenContent(int[] tokens, int offset, int count) {
    byte[] bytes = new byte[count * Integer.BYTES];
    for (int i = 0; i < count; i++) {
      LE_INT.set(bytes, i * Integer.BYTES, tokens[offset + i]);
    }
    return XXH3.hashBytesToLong(bytes);
  }

  /**
   * The content hash of a token block whose cache entry depends on more than its tokens, such as
   * the identifiers of images in it.
   */
  public static long tokenContent(int[] tokens, int offset, int count, List<String> extraKeys) {
    long content = tokenContent(tokens, offset, count);
    if (extraKeys.isEmpty()) {
      return content;
    }
    var stream = XXH3.hashStream().putLong(content);
    extraKeys.forEach(stream::putString);
    return stream.getAsLong();
  }

  /** The key of a block from the key before it (a root's key for the first) and its content. */
  public static long key(long parent, long content) {
    return ResidencyClass.inherit(parent, XXH3.hashLongLongToLong(parent, content));
  }

  /** The keys that these blocks have under {@code root}. */
  public Chain chain(ChainRoot root) {
    if (root.space() != space || root.blockSize() != blockSize) {
      throw new IllegalArgumentException(
          root + " (expected: space " + space + ", blockSize " + blockSize + ")");
    }
    long[] keys = new long[contents.length];
    long parent = root.key();
    for (int i = 0; i < keys.length; i++) {
      parent = key(parent, contents[i]);
      keys[i] = parent;
    }
    return new Chain(root, keys);
  }

  /** Number of full blocks. */
  public int length() {
    return contents.length;
  }

  public int blockSize() {
    return blockSize;
  }

  /** Bytes or tokens of the whole prompt, the partial block at the end included. */
  public long size() {
    return size;
  }

  @Override
  public String toString() {
    return "Blocks[" + space + ", " + contents.length + " x " + blockSize + ']';
  }

  /** Collects the canonical bytes of a prompt. Not thread-safe; used once. */
  public static final class TextBuilder {
    private final byte[] chunk;
    private int filled;
    private long size;
    private long[] contents = new long[16];
    private int count;

    private TextBuilder(int chunkBytes) {
      if (chunkBytes < 1) {
        throw new IllegalArgumentException("chunkBytes: " + chunkBytes + " (expected: >= 1)");
      }
      chunk = new byte[chunkBytes];
    }

    /**
     * Appends {@code bytes[offset, offset + length)}. How input is cut into calls is immaterial.
     */
    public TextBuilder append(byte[] bytes, int offset, int length) {
      size += length;
      int from = offset;
      int left = length;
      while (left > 0) {
        if (filled == 0 && left >= chunk.length) {
          add(XXH3.hashBytesToLong(bytes, from, chunk.length));
          from += chunk.length;
          left -= chunk.length;
          continue;
        }
        int n = Math.min(left, chunk.length - filled);
        System.arraycopy(bytes, from, chunk, filled, n);
        filled += n;
        from += n;
        left -= n;
        if (filled == chunk.length) {
          add(XXH3.hashBytesToLong(chunk));
          filled = 0;
        }
      }
      return this;
    }

    private void add(long content) {
      if (count == contents.length) {
        contents = Arrays.copyOf(contents, count * 2);
      }
      contents[count++] = content;
    }

    public Blocks build() {
      return new Blocks(KeySpace.TEXT, chunk.length, size, Arrays.copyOf(contents, count));
    }
  }
}
