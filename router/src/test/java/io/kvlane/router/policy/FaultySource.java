package io.kvlane.router.policy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;

/**
 * A data source whose calls to the database can go wrong: before they are done, or after, so that
 * the answer is lost.
 */
final class FaultySource {
  private final DataSource real;
  private final BooleanSupplier before;
  private final BooleanSupplier after;

  private FaultySource(DataSource real, BooleanSupplier before, BooleanSupplier after) {
    this.real = real;
    this.before = before;
    this.after = after;
  }

  /**
   * @param before whether the next call fails undone
   * @param after whether the call that was just done loses its answer
   */
  static DataSource of(DataSource real, BooleanSupplier before, BooleanSupplier after) {
    var faulty = new FaultySource(real, before, after);
    return faulty.proxy(
        DataSource.class,
        real,
        (method, result) ->
            result instanceof Connection connection ? faulty.wrap(connection) : result,
        "getConnection");
  }

  private Connection wrap(Connection connection) {
    return proxy(
        Connection.class,
        connection,
        (method, result) -> result instanceof Statement statement ? wrap(statement) : result,
        "commit");
  }

  private Object wrap(Statement statement) {
    Class<?> type =
        statement instanceof PreparedStatement ? PreparedStatement.class : Statement.class;
    return proxy(type, statement, (method, result) -> result, "execute");
  }

  private interface Wrapping {
    Object wrap(Method method, Object result);
  }

  private <T> T proxy(Class<T> type, Object target, Wrapping wrapping, String faultyCalls) {
    Object proxy =
        Proxy.newProxyInstance(
            FaultySource.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              boolean faulty = method.getName().startsWith(faultyCalls);
              if (faulty && before.getAsBoolean()) {
                throw new SQLException("the line is cut", "08006");
              }
              Object result;
              try {
                result = method.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (faulty && target != real && after.getAsBoolean()) {
                throw new SQLException("the answer is lost", "08006");
              }
              return wrapping.wrap(method, result);
            });
    return type.cast(proxy);
  }
}
