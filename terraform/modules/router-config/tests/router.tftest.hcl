# What a region's description becomes.

variables {
  region = "us-east"
}

run "region_with_nothing_said_listens_on_loopback" {
  command = plan

  assert {
    condition     = yamldecode(output.yaml).listen.host == "127.0.0.1" && yamldecode(output.yaml).admin.host == "127.0.0.1"
    error_message = "A router listens beyond loopback without having been told so."
  }

  assert {
    condition     = output.cell == "kvlane-us-east" && yamldecode(output.yaml).cluster.name == output.cell
    error_message = "The cluster's name is not the cell."
  }

  assert {
    condition     = !can(yamldecode(output.yaml).link) && !can(yamldecode(output.yaml).router) && !can(yamldecode(output.yaml).cluster.host)
    error_message = "Something is said that nobody has said."
  }

  assert {
    condition     = strcontains(output.user_data, "variable KVLANE_ROUTER_ID") && strcontains(output.user_data, "variable KVLANE_CLUSTER_HOST")
    error_message = "What only the machine knows is not found at its start."
  }

  assert {
    condition     = length(output.secret_arns) == 0 && !strcontains(output.user_data, "secret()")
    error_message = "A secret is asked for that nobody has named."
  }
}

run "region_among_three_knows_the_others" {
  command = plan

  variables {
    name      = "prod"
    router_id = "router-1"
    bind      = { clients = "0.0.0.0", link = "0.0.0.0", cluster = "10.0.0.2" }
    discovery = { type = "static", members = ["10.0.0.2:5701", "10.0.0.3:5701"] }
    peers     = { eu-west = ["10.1.0.2:7100", "10.1.0.3:7100"], ap-northeast = ["lb.example.com:7100"] }
    link      = { certificate = "/etc/kvlane/us-east.crt.pem", key = "/etc/kvlane/us-east.key.pem", trust = "/etc/kvlane/ca.pem" }
    pools     = [{ model = "my-model" }, { model = "other", key_space = "text", chunk_bytes = 512, guard_caches = "never" }]
    policies  = { control = "eu-west" }
    extra     = { limits = { maxBodyBytes = "16MiB" }, link = { failover = "listed" } }
  }

  assert {
    condition     = yamldecode(output.yaml).link.regions[*].name == ["ap-northeast", "eu-west"]
    error_message = "The other regions are not those of peers, in the order of their names."
  }

  assert {
    condition     = yamldecode(output.yaml).link.regions[1].routers == ["10.1.0.2:7100", "10.1.0.3:7100"]
    error_message = "The other regions' addresses are not those of peers."
  }

  assert {
    condition     = yamldecode(output.yaml).cluster == { name = "prod-us-east", host = "10.0.0.2", port = 5701, members = ["10.0.0.2:5701", "10.0.0.3:5701"] }
    error_message = "The cluster is not as described."
  }

  assert {
    condition     = yamldecode(output.yaml).policies.control == "eu-west"
    error_message = "The control region is not the one that was named."
  }

  assert {
    condition     = yamldecode(output.yaml).limits.maxBodyBytes == "16MiB" && yamldecode(output.yaml).link.failover == "listed" && yamldecode(output.yaml).link.port == 7100
    error_message = "extra does not go into the sections that are there."
  }

  assert {
    condition     = yamldecode(output.yaml).pools[1].chunkBytes == 512 && yamldecode(output.yaml).pools[0].keySpace == "tokens"
    error_message = "The pools are not as described."
  }

  assert {
    condition     = yamldecode(output.yaml).pools[*].guardCaches == ["after_loss", "never"]
    error_message = "The pools do not guard their caches as described."
  }

  assert {
    condition     = !strcontains(output.user_data, "variable KVLANE_ROUTER_ID")
    error_message = "The router's name is asked for although it was said."
  }
}

run "secrets_are_references_everywhere" {
  command = plan

  variables {
    engine_api_key = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:engines-AbCdEf"
    tenants        = [{ name = "acme", keys = [sha256("planted-key")], regions = ["us-east"], salt = "arn:aws:ssm:eu-west-1:111122223333:parameter/acme-salt" }]
    telemetry      = { otlp_endpoint = "https://collector.example.com/v1/traces", authorization = "file:/etc/kvlane/otlp" }
    policies       = { store = { url = "jdbc:postgresql://db/kvlane", user = "kvlane", password = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf" } }
    secret_files   = { "/run/kvlane/link.key.pem" = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:link-AbCdEf" }
  }

  assert {
    condition     = keys(output.secret_references) == ["KVLANE_ENGINE_API_KEY", "KVLANE_TELEMETRY_TRACES_AUTHORIZATION", "KVLANE_TENANTS_0_SALT"]
    error_message = "A secret has no reference, or one is refered to that does not exist."
  }

  assert {
    condition     = length(output.secret_arns) == 4 && alltrue([for arn in output.secret_arns : startswith(arn, "arn:aws:")])
    error_message = "What the machine must be allowed to read is not what it reads."
  }

  assert {
    condition     = yamldecode(output.yaml).policies.store.passwordFile == "/run/kvlane/policy-store-password" && contains(keys(output.secret_file_references), "/run/kvlane/policy-store-password")
    error_message = "The store's password is not put where the router reads it."
  }

  assert {
    condition     = !can(yamldecode(output.yaml).tenants[0].salt) && !can(yamldecode(output.yaml).engine) && !can(yamldecode(output.yaml).telemetry.traces.authorization)
    error_message = "The configuration has a place where a secret could be."
  }

  assert {
    condition     = !strcontains(join("", [output.yaml, output.user_data, output.unit_drop_in]), "planted-key")
    error_message = "A key is in what Terraform writes."
  }

  assert {
    condition     = length(setintersection(keys(output.environment), keys(output.secret_references))) == 0
    error_message = "A secret is in the environment that Terraform writes."
  }
}

run "router_is_waited_for_longer_than_it_drains" {
  command = plan

  variables {
    drain_seconds = 900
  }

  assert {
    condition     = output.stop_timeout_seconds > 900 && strcontains(output.unit_drop_in, "TimeoutStopSec=${output.stop_timeout_seconds}")
    error_message = "systemd kills the router while it drains."
  }

  assert {
    condition     = yamldecode(output.yaml).timeouts.drain == "900s"
    error_message = "The router does not drain as long as was said."
  }
}

run "cells_of_aws_find_each_other_by_tags" {
  command = plan

  variables {
    discovery = { type = "aws", aws_region = "eu-west-1" }
    archive   = { url = "s3://artifacts/kvlane-router.tar.gz", sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  }

  assert {
    condition     = yamldecode(output.yaml).cluster == { name = "kvlane-us-east", port = 5701, discovery = "aws", cell = "kvlane-us-east", awsRegion = "eu-west-1" }
    error_message = "The routers do not look for each other by tags."
  }

  assert {
    condition     = strcontains(output.user_data, "X-aws-ec2-metadata-token") && strcontains(output.user_data, "sha256sum -c")
    error_message = "Metadata is asked for without a token, or the archive is not checked."
  }

  assert {
    condition     = can(yamldecode(output.user_data).write_files[0].path) && length(output.user_data) < 16384
    error_message = "The user data is no cloud-config, or does not fit."
  }
}
