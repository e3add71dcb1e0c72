# Terraform's own rules, all of them; the rules for AWS are a plugin that is fetched, which is not to be had everywhere.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
