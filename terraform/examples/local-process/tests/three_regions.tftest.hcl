# Real routers, in this order: each run sees what the ones before have done. About a minute on two cores.

variables {
  run       = ".run-test"
  base_port = 20000
}

run "three_regions_come_up" {
  assert {
    condition     = sort(keys(output.endpoints)) == tolist(["ap-northeast", "eu-west", "us-east"])
    error_message = "Not all regions are up."
  }

  assert {
    condition     = join(" ", output.policies) == "policies/batch"
    error_message = "The policies are not applied."
  }
}

run "each_region_answers_a_chat_by_itself" {
  module {
    source = "./tests/probe"
  }

  variables {
    urls     = { for region, endpoint in run.three_regions_come_up.endpoints : region => endpoint.clients[0] }
    model    = run.three_regions_come_up.model
    expected = { for region, endpoint in run.three_regions_come_up.endpoints : region => ["x-kvlane-region: ${region}", "x-kvlane-policy: default"] }
  }
}

run "the_policy_is_live_in_each_region" {
  module {
    source = "./tests/probe"
  }

  variables {
    urls     = { for region, endpoint in run.three_regions_come_up.endpoints : region => endpoint.clients[0] }
    model    = run.three_regions_come_up.model
    header   = "x-workload: batch"
    expected = { for region, endpoint in run.three_regions_come_up.endpoints : region => ["x-kvlane-region: ${region}", "x-kvlane-policy: batch"] }
  }
}

run "a_region_loses_its_engines" {
  module {
    source = "./tests/loss"
  }

  variables {
    pattern = "us-east-[ea]*"
  }
}

run "its_requests_are_served_by_another_region" {
  module {
    source = "./tests/probe"
  }

  variables {
    urls     = { us-east = run.three_regions_come_up.endpoints["us-east"].clients[0] }
    model    = run.three_regions_come_up.model
    expected = { us-east = ["x-kvlane-region: (eu-west|ap-northeast)"] }
  }
}

run "all_of_the_control_region_is_lost" {
  module {
    source = "./tests/loss"
  }

  variables {
    pattern = "us-east-r*"
  }
}

run "the_other_regions_serve_on_by_the_same_policies" {
  module {
    source = "./tests/probe"
  }

  variables {
    urls = { for region, endpoint in run.three_regions_come_up.endpoints : region => endpoint.clients[0] if region != "us-east" }
    # Nothing has to happen first: from the first request on.
    model    = run.three_regions_come_up.model
    header   = "x-workload: batch"
    expected = { for region in ["eu-west", "ap-northeast"] : region => ["x-kvlane-region: ${region}", "x-kvlane-policy: batch"] }
  }
}

run "apply_brings_the_region_back" {
  # All was started by one plan, and what that replaces bears the name of another.
  assert {
    condition = alltrue([for id, process in merge(terraform_data.router, terraform_data.engine, terraform_data.agent) :
      (process.triggers_replace[0] != terraform_data.router["eu-west-router-1"].triggers_replace[0]) == startswith(id, "us-east")
    ])
    error_message = "The plan has not seen that exactly us-east is gone."
  }
}

run "the_region_serves_again" {
  module {
    source = "./tests/probe"
  }

  variables {
    urls     = { us-east = run.three_regions_come_up.endpoints["us-east"].clients[0] }
    model    = run.three_regions_come_up.model
    expected = { us-east = ["x-kvlane-region: us-east"] }
    seconds  = 30
  }
}
