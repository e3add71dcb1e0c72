# What an engine's description becomes.

variables {
  region = "us-east"
}

run "agent_of_one_engine_is_told_everything" {
  command = plan

  variables {
    replica = "gpu-1"
    engine  = { url = "http://10.0.0.7:8000", events = ["tcp://10.0.0.7:5557"], replay = ["tcp://10.0.0.7:5558"] }
    routers = { type = "static", members = ["10.0.0.2:5701", "10.0.0.3:5701"] }
  }

  assert {
    condition = output.environment == tomap({
      KVLANE_AGENT_REPLICA = "gpu-1"
      KVLANE_AGENT_ENGINE  = "http://10.0.0.7:8000"
      KVLANE_AGENT_EVENTS  = "tcp://10.0.0.7:5557"
      KVLANE_AGENT_REPLAY  = "tcp://10.0.0.7:5558"
      KVLANE_AGENT_CLUSTER = "kvlane-us-east"
      KVLANE_AGENT_MEMBER  = "10.0.0.2:5701,10.0.0.3:5701"
      KVLANE_AGENT_LISTEN  = "127.0.0.1:9400"
      JDK_JAVA_OPTIONS     = "-Xmx512m"
    })
    error_message = "The agent's environment is not as described."
  }

  assert {
    condition     = !strcontains(output.user_data, "members()")
    error_message = "Routers are looked for that were named."
  }
}

run "agents_of_aws_find_routers_by_tags_and_themselves_by_metadata" {
  command = plan

  variables {
    name    = "prod"
    engine  = { url = "http://127.0.0.1:8000" }
    routers = { type = "aws", port = 5702 }
  }

  assert {
    condition     = strcontains(output.user_data, "Name=tag:kvlane:cell,Values=prod-us-east") && strcontains(output.user_data, "Name=tag:kvlane:role,Values=router") && strcontains(output.user_data, ":5702")
    error_message = "The agent looks for other instances than its cell's routers."
  }

  assert {
    condition     = strcontains(output.user_data, "metadata instance-id") && strcontains(output.user_data, "KVLANE_AGENT_ADVERTISE=http://$value:8000")
    error_message = "The agent does not say who it is and where its engine is found."
  }

  assert {
    condition     = !can(output.environment.KVLANE_AGENT_REPLICA) && !can(output.environment.KVLANE_AGENT_MEMBER)
    error_message = "Something is said that only the machine knows."
  }
}

run "agents_find_routers_by_dns" {
  command = plan

  variables {
    engine  = { url = "http://10.0.0.7:8000" }
    routers = { type = "dns", dns_name = "routers.internal" }
  }

  assert {
    condition     = strcontains(output.user_data, "getent ahostsv4 routers.internal") && !strcontains(output.user_data, "KVLANE_AGENT_ADVERTISE=http")
    error_message = "The agent does not look the routers up, or advertises another address than its engine's."
  }
}

run "agents_behind_one_address_of_the_routers_say_where_their_engines_are" {
  command = plan

  variables {
    engine  = { url = "http://127.0.0.1:8000" }
    routers = { type = "static", members = ["cluster.internal:5701"] }
  }

  assert {
    condition     = strcontains(output.user_data, "KVLANE_AGENT_ADVERTISE=http://$value:8000") && output.environment.KVLANE_AGENT_MEMBER == "cluster.internal:5701"
    error_message = "Routers on other machines would look for the engine on their own loopback."
  }
}
