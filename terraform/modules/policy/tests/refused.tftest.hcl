# Every validation, by what it refuses.

variables {
  admin_url = "http://127.0.0.1:9100"
  manifests = { default = "kind: Policy\nid: default\npriority: 1\nconsistency: AP" }
}

run "admin_url_in_plain_text_is_refused" {
  command = plan

  variables {
    admin_url = "http://admin.example.com:9100"
  }

  expect_failures = [var.admin_url]
}

run "admin_url_with_a_planted_key_is_refused" {
  command = plan

  variables {
    admin_url = "https://me:planted@admin.example.com"
  }

  expect_failures = [var.admin_url]
}

run "key_file_that_is_a_planted_key_is_refused" {
  command = plan

  variables {
    key_file = "kvl_planted"
  }

  expect_failures = [var.key_file]
}

run "owner_in_capitals_is_refused" {
  command = plan

  variables {
    owner = "Me"
  }

  expect_failures = [var.owner]
}

run "manifest_without_an_id_is_refused" {
  command = plan

  variables {
    manifests = { a = "kind: Policy" }
  }

  expect_failures = [var.manifests]
}

run "manifest_of_a_key_is_refused" {
  command = plan

  variables {
    manifests = { a = "kind: Key\nid: ops" }
  }

  expect_failures = [var.manifests]
}

run "manifest_with_an_id_in_capitals_is_refused" {
  command = plan

  variables {
    manifests = { a = "kind: Pool\nid: M\nmodel: m" }
  }

  expect_failures = [var.manifests]
}

run "manifest_twice_is_refused" {
  command = plan

  variables {
    manifests = { a = "kind: Pool\nid: m\nmodel: m", b = "kind: Pool\nid: m\nmodel: n" }
  }

  expect_failures = [var.manifests]
}

run "manifests_beyond_the_limit_are_refused" {
  command = plan

  variables {
    manifests = { a = "kind: Policy\nid: a\ndescription: ${join("", [for i in range(1000) : format("%0200d", i)])}" }
  }

  expect_failures = [var.manifests]
}

run "adopt_without_a_collection_is_refused" {
  command = plan

  variables {
    adopt = { default = "\"r1-0123456789abcdef\"" }
  }

  expect_failures = [var.adopt]
}

run "adopt_of_any_version_is_refused" {
  command = plan

  variables {
    adopt = { "policies/default" = "*" }
  }

  expect_failures = [var.adopt]
}

run "adopt_of_what_is_not_described_is_refused" {
  command = plan

  variables {
    adopt = { "policies/other" = "\"r1-0123456789abcdef\"" }
  }

  expect_failures = [terraform_data.revision]
}

run "message_of_two_lines_is_refused" {
  command = plan

  variables {
    message = "a\nb"
  }

  expect_failures = [var.message]
}

run "wait_of_an_hour_is_refused" {
  command = plan

  variables {
    wait_seconds = 3600
  }

  expect_failures = [var.wait_seconds]
}

run "unreachable_with_another_answer_is_refused" {
  command = plan

  variables {
    unreachable_on_destroy = "retry"
  }

  expect_failures = [var.unreachable_on_destroy]
}
