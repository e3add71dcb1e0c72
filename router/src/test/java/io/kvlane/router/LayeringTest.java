package io.kvlane.router;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** A request walks through each room once: arrows between packages point one way. */
class LayeringTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.kvlane.router", "io.kvlane.locality");

  private static void neverUse(String room, String... others) {
    for (String other : others) {
      noClasses()
          .that()
          .resideInAPackage("io.kvlane.router." + room + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.kvlane.router." + other + "..")
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void rooms_useOnlyThoseBehindThem() {
    neverUse("admission", "api", "upstream", "cluster");
    neverUse("upstream", "api", "admission", "cluster");
    neverUse("routing", "api", "admission", "upstream");
    neverUse("region", "api", "admission", "upstream", "routing", "cluster", "telemetry");
    neverUse("cluster", "api", "admission", "upstream");
    neverUse("telemetry", "api", "admission", "upstream", "cluster");
    neverUse("config", "api", "admission", "upstream", "routing", "cluster", "telemetry");
    neverUse("api", "cluster", "admin");
    neverUse(
        "cli", "admin", "api", "admission", "upstream", "routing", "policy", "region", "config");
    neverUse("admin", "api", "admission", "upstream", "cluster", "region");
    neverUse(
        "policy",
        "admin",
        "api",
        "admission",
        "upstream",
        "routing",
        "cluster",
        "region",
        "config");
  }

  @Test
  void locality_knowsNobody() {
    noClasses()
        .that()
        .resideInAPackage("io.kvlane.locality..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.kvlane.router..", "io.vertx..", "io.netty..", "com.hazelcast..", "java.net..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.kvlane.router.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void classes_areSeen() {
    assertThat(CLASSES.contain("io.kvlane.router.api.ApiServer")).isTrue();
    assertThat(CLASSES.contain("io.kvlane.locality.prefix.Blocks")).isTrue();
  }
}
