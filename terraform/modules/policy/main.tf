locals {
  collections = { Policy = "policies", Pool = "pools", Tenant = "tenants" }

  documents = { for text in values(var.manifests) :
    "${local.collections[yamldecode(text).kind]}/${yamldecode(text).id}" => {
      for field, value in yamldecode(text) : field => value if field != "kind"
    }
  }

  # One line for each: collection, id, JSON. Control characters are escaped in JSON.
  lines = join("", [for name in sort(keys(local.documents)) :
    "${replace(name, "/", "\t")}\t${jsonencode(local.documents[name])}\n"
  ])

  access = {
    KVLANE_POLICY_URL      = var.admin_url
    KVLANE_POLICY_KEY_FILE = var.key_file == null ? "" : var.key_file
    KVLANE_POLICY_CA_FILE  = var.ca_file == null ? "" : var.ca_file
    KVLANE_POLICY_OWNER    = var.owner
  }
}

# Removes what is not wanted any more. It outlives changes of the content: those are written over what is there.
resource "terraform_data" "resource" {
  for_each = local.documents

  input = {
    name    = each.key
    adopted = contains(keys(var.adopt), each.key)
    lost    = var.unreachable_on_destroy
    script  = "${path.module}/policy"
    access  = local.access
  }

  provisioner "local-exec" {
    when        = destroy
    command     = "bash \"$SCRIPT\" delete \"$NAME\""
    environment = merge(self.input.access, { SCRIPT = self.input.script, NAME = self.input.name, ADOPTED = self.input.adopted, LOST = self.input.lost })
  }
}

# Writes. Replaced, not destroyed: nothing is removed in between.
resource "terraform_data" "revision" {
  input            = { resources = sort(keys(local.documents)), owner = var.owner }
  triggers_replace = [sha256(local.lines), var.adopt, var.owner, var.triggers]

  depends_on = [terraform_data.resource]

  lifecycle {
    precondition {
      condition     = alltrue([for name in keys(var.adopt) : contains(keys(local.documents), name)])
      error_message = "adopt: names what manifests describe."
    }
  }

  provisioner "local-exec" {
    command = "bash \"$SCRIPT\" apply"
    environment = merge(local.access, {
      SCRIPT       = "${path.module}/policy"
      MANIFESTS    = local.lines
      ADOPT        = join("", [for name, etag in var.adopt : "${name} ${etag}\n"])
      MESSAGE      = jsonencode("terraform/${var.owner}: ${var.message}")
      WAIT_SECONDS = var.wait_seconds
    })
  }
}
