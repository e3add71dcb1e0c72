# What is written, as far as a plan shows it. examples/local-process writes to real routers.

variables {
  admin_url = "https://admin.example.com:9100"
  key_file  = "/run/secrets/kvlane-admin-key"
  manifests = {
    "default.yaml" = "kind: Policy\nid: default\npriority: 1\nconsistency: AP\n"
    "acme.yaml"    = "kind: Tenant\nid: acme\nallowedRegions: [eu-west]\n"
  }
}

run "manifests_become_one_revision" {
  command = plan

  assert {
    condition     = keys(terraform_data.resource) == ["policies/default", "tenants/acme"]
    error_message = "Other resources are written than the manifests describe."
  }

  assert {
    condition     = join(" ", terraform_data.revision.input.resources) == "policies/default tenants/acme"
    error_message = "Not all are written at once."
  }

  assert {
    condition     = terraform_data.resource["policies/default"].input.adopted == false
    error_message = "Something is taken over that nobody has named."
  }
}

run "comments_and_order_of_fields_change_nothing" {
  command = plan

  variables {
    manifests = {
      "acme.yaml"    = "allowedRegions: [eu-west]\nkind: Tenant\nid: acme\n"
      "default.yaml" = "# The default.\nid: default\nkind: Policy\nconsistency: AP\npriority: 1\n"
    }
  }

  assert {
    condition     = terraform_data.revision.triggers_replace[0] == sha256("policies\tdefault\t{\"consistency\":\"AP\",\"id\":\"default\",\"priority\":1}\ntenants\tacme\t{\"allowedRegions\":[\"eu-west\"],\"id\":\"acme\"}\n")
    error_message = "A revision is written although nothing has changed."
  }
}

run "key_is_nowhere_in_the_plan" {
  command = plan

  assert {
    condition     = terraform_data.resource["tenants/acme"].input.access.KVLANE_POLICY_KEY_FILE == "/run/secrets/kvlane-admin-key" && length(terraform_data.resource["tenants/acme"].input.access) == 4
    error_message = "The state has more than where the key is."
  }
}

run "what_is_adopted_stays_when_it_is_removed_here" {
  command = plan

  variables {
    adopt = { "policies/default" = "\"r1-0123456789abcdef\"" }
  }

  assert {
    condition     = terraform_data.resource["policies/default"].input.adopted == true && terraform_data.resource["tenants/acme"].input.adopted == false
    error_message = "What was there before would be removed."
  }
}
