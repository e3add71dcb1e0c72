# Real containers, in this order: each run sees what the ones before have done. About two minutes on two cores.

variables {
  run       = ".run-test"
  name      = "kvlane-test"
  base_port = 30000
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

run "the_openai_client_works_in_each_region" {
  module {
    source = "./tests/sdk"
  }

  variables {
    urls  = { for region, endpoint in run.three_regions_come_up.endpoints : region => endpoint.clients[0] }
    model = run.three_regions_come_up.model
  }
}

run "each_region_answers_a_chat_by_itself" {
  module {
    source = "../local-process/tests/probe"
  }

  variables {
    urls     = { for region, endpoint in run.three_regions_come_up.endpoints : region => endpoint.clients[0] }
    model    = run.three_regions_come_up.model
    expected = { for region, endpoint in run.three_regions_come_up.endpoints : region => ["x-kvlane-region: ${region}", "x-kvlane-policy: default"] }
  }
}

run "the_policy_is_live_in_each_region" {
  module {
    source = "../local-process/tests/probe"
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
    containers = merge(run.three_regions_come_up.containers["us-east"].engines, run.three_regions_come_up.containers["us-east"].agents)
  }
}

run "its_requests_are_served_by_another_region" {
  module {
    source = "../local-process/tests/probe"
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
    containers = run.three_regions_come_up.containers["us-east"].routers
    remove     = true
  }
}

run "the_other_regions_serve_on_by_the_same_policies" {
  module {
    source = "../local-process/tests/probe"
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
  assert {
    condition     = length(setintersection(values(output.containers["us-east"].routers), values(run.three_regions_come_up.containers["us-east"].routers))) == 0
    error_message = "The router that was removed is still there."
  }

  # By text: what a run has kept is of other types than what is there now.
  assert {
    condition = alltrue([for region in ["eu-west", "ap-northeast"] :
      jsonencode(output.containers[region]) == jsonencode(run.three_regions_come_up.containers[region])
    ])
    error_message = "More than what was lost has been replaced: ${jsonencode(output.containers)} after ${jsonencode(run.three_regions_come_up.containers)}"
  }
}

run "the_region_serves_again" {
  module {
    source = "../local-process/tests/probe"
  }

  variables {
    urls     = { us-east = run.three_regions_come_up.endpoints["us-east"].clients[0] }
    model    = run.three_regions_come_up.model
    expected = { us-east = ["x-kvlane-region: us-east"] }
    seconds  = 30
  }
}
