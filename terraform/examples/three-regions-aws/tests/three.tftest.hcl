# All modules together, by the schema double: names and types are AWS's, values are not.
# terraform test -var-file=terraform.tfvars.example

mock_provider "aws" {}

run "three_regions" {
  command = apply

  assert {
    condition     = output.endpoint == "https://llm.example.com" && keys(output.links) == ["ap-northeast", "eu-west", "us-east"]
    error_message = "Three regions behind one name."
  }

  assert {
    condition = alltrue(flatten([for name, region in module.region : [
      for peer in keys(var.regions) : peer == name || contains(keys(output.links), peer) && output.links[peer] == "${peer}.link.prod.internal:7100"
    ]]))
    error_message = "Links are where routers are told to look for them."
  }
}

run "control_region_unknown" {
  command = plan

  variables {
    control_region = "mars"
  }

  expect_failures = [var.control_region]
}
