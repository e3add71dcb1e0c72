package io.kvlane.locality.prefix;

import com.dynatrace.hash4j.hashing.Hashing;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which regions may hear of a cache entry. Agents see blocks and salts but know no tenants, so the
 * class travels in the salt, as a mark at its end, and from there in the top bits of every key of a
 * chain: whoever passes keys on to another region can tell which of them may go.
 *
 * <p>Class 0 may go anywhere. There are fifteen others; sets of regions that fall into one class
 * must be treated as their intersection.
 */
public final class ResidencyClass {
  /** May go anywhere. */
  public static final int NONE = 0;

  /** Classes are 0 to 15. */
  public static final int COUNT = 16;

  private static final int SHIFT = 60;
  private static final String MARK = "~r";

  private ResidencyClass() {}

  /** The class of entries that only these regions may hear of; {@link #NONE} for an empty set. */
  public static int ofRegions(Set<String> regions) {
    if (regions.isEmpty()) {
      return NONE;
    }
    long hash = Hashing.xxh3_64().hashCharsToLong(String.join(",", new TreeSet<>(regions)));
    return 1 + (int) Long.remainderUnsigned(hash, COUNT - 1);
  }

  /** The salt of a class, from one that has no mark. */
  public static String mark(String salt, int residencyClass) {
    return residencyClass == NONE ? salt : salt + MARK + Integer.toHexString(residencyClass);
  }

  /** The class that a salt is marked with. */
  public static int ofSalt(String salt) {
    int at = salt.length() - 1;
    if (at < MARK.length() || !salt.startsWith(MARK, at - MARK.length())) {
      return NONE;
    }
    char digit = salt.charAt(at);
    return digit <= 'f' ? Math.max(NONE, Character.digit(digit, COUNT)) : NONE;
  }

  /** The class of a key. */
  public static int ofKey(long key) {
    return (int) (key >>> SHIFT);
  }

  /** A key of the class that {@code parent} has. */
  static long inherit(long parent, long hash) {
    return (parent & (-1L << SHIFT)) | (hash & ~(-1L << SHIFT));
  }

  /** A root's key of a class. */
  static long root(int residencyClass, long hash) {
    return inherit((long) residencyClass << SHIFT, hash);
  }
}
