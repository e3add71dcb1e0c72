output "cell" {
  description = "NAME-REGION: the cluster's name, the network's, and the value of the label kvlane:cell."
  value       = local.cell
}

output "endpoint" {
  description = "URL of the first router, for clients on this machine; null if nothing is published."
  value       = try("http://${var.publish.address}:${var.publish.clients}", null)
}

output "endpoints" {
  description = "URLs of all routers on this machine, one list for clients and one for operators (admin)."
  value = {
    clients = [for n in values(local.routers) : "http://${var.publish.address}:${var.publish.clients + n - 1}" if var.publish != null]
    admin   = [for n in values(local.routers) : "http://${var.publish.address}:${var.publish.admin + n - 1}" if try(var.publish.admin, null) != null]
  }
}

output "network" {
  description = "The region's own Docker network."
  value       = docker_network.this.name
}

output "containers" {
  description = "Container to its id: routers, engines, agents. An id is another one when the container has been replaced."
  value = {
    routers = { for name, container in docker_container.router : name => container.id }
    engines = { for name, container in docker_container.engine : name => container.id }
    agents  = { for name, container in docker_container.agent : name => container.id }
  }
}

output "pool" {
  description = "What agents of engines of your own need: name and region as modules/agent-config takes them, the network, and the routers' cluster_endpoints."
  value = {
    name              = var.name
    region            = var.region
    network           = docker_network.this.name
    cluster_endpoints = [for member in local.members : "${member}:${var.ports.cluster}"]
  }
}
