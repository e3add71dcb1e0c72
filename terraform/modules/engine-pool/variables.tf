variable "cell" {
  description = "The cell that these engines belong to: output pool of modules/region."
  type = object({
    name                      = string
    region                    = string
    aws_region                = string
    partition                 = string
    account_id                = string
    vpc_id                    = string
    private_subnet_ids        = map(string)
    cluster_security_group_id = string
    router_security_group_id  = string
    cluster_endpoint          = string
  })
  nullable = false

  validation {
    condition     = length(var.cell.private_subnet_ids) > 0
    error_message = "cell.private_subnet_ids: one at least."
  }
}

variable "pool" {
  description = "The pool's name, unique in the cell: part of names and of the replicas' ids."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.pool))
    error_message = "pool: 1 to 31 of a-z, 0-9 and -, a letter first."
  }
}

variable "engine" {
  description = "What serves the model on each machine: command (program and arguments; it runs as user, without a shell), its HTTP port, events_port and replay_port of its KV events (0 for none), environment (no secrets), secrets (variable to the ARN of a Secrets Manager secret or SSM parameter), and running, the name of the gauge at /metrics that says how many requests run."
  type = object({
    command     = list(string)
    user        = optional(string, "kvlane")
    port        = optional(number, 8000)
    events_port = optional(number, 5557)
    replay_port = optional(number, 5558)
    environment = optional(map(string), {})
    secrets     = optional(map(string), {})
    running     = optional(string, "vllm:num_requests_running")
  })
  nullable = false

  validation {
    condition     = try(startswith(var.engine.command[0], "/"), false)
    error_message = "engine.command: an absolute path first."
  }

  validation {
    condition     = alltrue([for text in concat(var.engine.command, values(var.engine.environment)) : !can(regex("[\\n\\r]", text))])
    error_message = "engine: no line breaks in command and environment."
  }

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_-]{0,31}$", var.engine.user)) && can(regex("^[A-Za-z_:][A-Za-z0-9_:]*$", var.engine.running))
    error_message = "engine: user is a user's name, running a metric's."
  }

  validation {
    condition     = !can(regex("(?i)(api-?key|token|password|secret)[= ]", join(" ", var.engine.command)))
    error_message = "engine.command: no secrets, they would be among the process's arguments; engine.secrets takes references."
  }

  validation {
    condition     = alltrue([for port in [var.engine.port, var.engine.events_port, var.engine.replay_port] : port >= 1024 && port <= 65535 && floor(port) == port || port == 0]) && var.engine.port != 0
    error_message = "engine: ports are whole numbers from 1024 to 65535."
  }

  validation {
    condition     = var.engine.replay_port == 0 || var.engine.events_port != 0
    error_message = "engine.replay_port: only with events_port."
  }

  validation {
    condition     = alltrue([for name in concat(keys(var.engine.environment), keys(var.engine.secrets)) : can(regex("^[A-Z_][A-Z0-9_]*$", name))])
    error_message = "engine.environment and engine.secrets: names of capitals, digits and _."
  }

  validation {
    condition     = alltrue([for arn in values(var.engine.secrets) : can(regex("^arn:aws[a-z-]*:(secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:[^\\s']+$", arn))])
    error_message = "engine.secrets: ARNs of secrets or parameters, never the secrets themselves."
  }
}

variable "instances" {
  description = "The engines' machines: ami_id (with the engine, the agent's systemd unit of deploy/systemd and the AWS CLI), type (one with the accelerators that the model needs), min, max and desired of them (null: min), root_device as the image calls it, volume_gib, kms_key_arn of their volumes, and capacity_reservation_group_arn (null for none)."
  type = object({
    ami_id                         = string
    type                           = string
    min                            = number
    max                            = number
    desired                        = optional(number)
    root_device                    = optional(string, "/dev/xvda")
    volume_gib                     = optional(number, 200)
    kms_key_arn                    = optional(string)
    capacity_reservation_group_arn = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.instances.ami_id))
    error_message = "instances.ami_id: an AMI such as ami-0123456789abcdef0."
  }

  validation {
    condition     = can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", var.instances.type))
    error_message = "instances.type: an instance type such as g6e.2xlarge."
  }

  validation {
    condition     = var.instances.min >= 0 && var.instances.min <= var.instances.max && var.instances.max <= 200 && floor(var.instances.min) == var.instances.min && floor(var.instances.max) == var.instances.max
    error_message = "instances: whole numbers, 0 <= min <= max <= 200."
  }

  validation {
    condition     = var.instances.desired == null || try(var.instances.desired >= var.instances.min && var.instances.desired <= var.instances.max, false)
    error_message = "instances.desired: between min and max."
  }

  validation {
    condition     = var.instances.volume_gib >= 8 && var.instances.volume_gib <= 16384
    error_message = "instances.volume_gib: 8 to 16384."
  }
}

variable "agent" {
  description = "The agent beside each engine, as modules/agent-config has it: model (null for the engine's first), block_size (0 for the engine's own), cache_tokens (0 for what the engine says), port of its /health and /metrics on the machine itself, heap, archive (url, sha256; null where the image has it; an s3 URL needs a policy in policy_arns)."
  type = object({
    model        = optional(string)
    block_size   = optional(number, 0)
    cache_tokens = optional(number, 0)
    port         = optional(number, 9400)
    heap         = optional(string, "512m")
    archive      = optional(object({ url = string, sha256 = string }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.agent.port >= 1024 && var.agent.port <= 65535 && var.agent.port != var.engine.port
    error_message = "agent.port: 1024 to 65535, not the engine's."
  }

  validation {
    condition     = var.agent.model == null || can(regex("^[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}$", var.agent.model))
    error_message = "agent.model: letters, digits and . _ / : -."
  }
}

variable "egress" {
  description = "What engines may reach besides the cell and AWS over HTTPS: name to port and cidr."
  type = map(object({
    port = number
    cidr = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name, to in var.egress : to.port >= 1 && to.port <= 65535 && can(cidrsubnet(to.cidr, 0, 0)) && can(regex("^[A-Za-z0-9 ._:/()#,@+=&;{}!$*-]{1,200}$", name)) && name != "https"])
    error_message = "egress: ports from 1 to 65535, cidr an IPv4 network such as 10.9.0.0/24, names of letters, digits, blanks and ._:/()#,@+=&;{}!$*-, not https."
  }
}

variable "drain_seconds" {
  description = "How long requests under way may go on when an engine's machine stops: the longest stream."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.drain_seconds >= 30 && var.drain_seconds <= 7000 && floor(var.drain_seconds) == var.drain_seconds
    error_message = "drain_seconds: a whole number from 30 to 7000; the group waits 7200 s at most."
  }
}

variable "warmup_seconds" {
  description = "How long an engine takes from its machine's start until it serves: loading the model's weights."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.warmup_seconds >= 30 && var.warmup_seconds <= 7200
    error_message = "warmup_seconds: 30 to 7200."
  }
}

variable "policy_arns" {
  description = "IAM policies for what the engine itself needs, such as reading its model's weights from a bucket."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.policy_arns : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+", arn))])
    error_message = "policy_arns: ARNs of IAM policies."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role that is made; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn: the ARN of an IAM policy."
  }
}

variable "tags" {
  description = "Further tags of everything. Those of the tag contract (kvlane:...) are set by this module."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "kvlane:") && !startswith(key, "aws:")])
    error_message = "tags: keys do not begin with kvlane: or aws:."
  }
}
