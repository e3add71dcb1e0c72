package io.kvlane.simulator.study;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Threads that share a list of tasks; results come in the tasks' order. */
final class Workers implements AutoCloseable {
  private final ExecutorService threads;

  Workers(int count) {
    threads =
        Executors.newFixedThreadPool(
            count,
            task -> {
              Thread thread = new Thread(task, "study");
              // A simulation cannot be interrupted; it must not keep a failed study alive.
              thread.setDaemon(true);
              return thread;
            });
  }

  <T> List<T> all(List<Callable<T>> tasks) throws InterruptedException {
    return all(tasks, result -> {});
  }

  /**
   * @param each is given the results in order, each as soon as it and all before it are there
   */
  <T> List<T> all(List<Callable<T>> tasks, Consumer<T> each) throws InterruptedException {
    List<Future<T>> futures = tasks.stream().map(threads::submit).toList();
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      try {
        T result = future.get();
        results.add(result);
        each.accept(result);
      } catch (ExecutionException e) {
        throw new IllegalStateException("a run failed: " + e.getCause(), e.getCause());
      }
    }
    return results;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
