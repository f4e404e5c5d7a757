variable "name" {
  description = "Name of this home: aws://NAME. Every resource begins with it."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name))
    error_message = "A name has 2 to 20 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "function_zip" {
  description = "Path of the zip file that holds the program as bootstrap; every function is made of it."
  type        = string
  validation {
    condition     = fileexists(var.function_zip)
    error_message = "There is no such file: build the program and zip it first. A path is relative to where terraform runs."
  }
}

variable "rules_file" {
  description = "Path of the EventBridge rules, as 'everqual deploy rules --format json' prints them."
  type        = string
  validation {
    condition     = fileexists(var.rules_file)
    error_message = "There is no such file: 'everqual deploy rules --format json' prints it."
  }
}

variable "architecture" {
  description = "What the program was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"
  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "functions" {
  description = "Memory in MB, timeout in seconds and reserved concurrency (-1: none reserved) by function, where the defaults do not fit."
  type = map(object({
    memory   = optional(number)
    timeout  = optional(number)
    reserved = optional(number)
  }))
  default = {}
  validation {
    condition     = length(setsubtract(keys(var.functions), ["intake", "work", "judge", "specification", "schedule", "task"])) == 0
    error_message = "The functions are intake, work, judge, specification, schedule and task."
  }
}

variable "environment" {
  description = "Further environment variables of every function and of the worker."
  type        = map(string)
  default     = {}
}

variable "max_concurrency" {
  description = "How many copies of intake and of work run at once at most (2 to 1000). Every append to the ledger passes its head: more copies than needed only wait for each other."
  type        = object({ intake = optional(number, 2), work = optional(number, 10) })
  default     = {}
}

variable "organization_id" {
  description = "AWS Organizations id (o-...) whose accounts may send events; empty for none."
  type        = string
  default     = ""
  validation {
    condition     = var.organization_id == "" || can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "An organization has an id as o-a1b2c3d4e5: 'aws organizations describe-organization' tells it."
  }
}

variable "member_accounts" {
  description = "Accounts that may send events, where there is no organization."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for a in var.member_accounts : can(regex("^[0-9]{12}$", a))])
    error_message = "An account has 12 digits."
  }
}

variable "observers" {
  description = "ARNs of further roles or users that may take the collector roles, such as those of people who check members with 'everqual doctor'."
  type        = list(string)
  default     = []
}

variable "log_buckets" {
  description = "Buckets of this account with CloudTrail log files, which may tell intake of new ones and which it reads. Their notifications and the policy of their key are theirs to set."
  type        = list(string)
  default     = []
}

variable "collector_role" {
  description = "Name of the role that the functions take in member accounts; empty for NAME-collector."
  type        = string
  default     = ""
}

variable "external_id" {
  description = "External id that the collector roles ask for."
  type        = string
  default     = ""
  validation {
    condition     = var.external_id == "" || can(regex("^[A-Za-z0-9+=,.@:/-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "An external id has 2 to 1224 letters, digits and characters of +=,.@:/-"
  }
}

variable "schedules" {
  description = "What the function schedule does by the clock: a schedule expression, and the input with \"do\"."
  type        = map(object({ expression = string, timezone = optional(string, "UTC"), input = string }))
  default = {
    rejudge = { expression = "rate(1 hour)", input = "{\"do\":\"rejudge\"}" }
    seal    = { expression = "rate(1 hour)", input = "{\"do\":\"seal\"}" }
    work    = { expression = "rate(5 minutes)", input = "{\"do\":\"work\"}" }
  }
}

variable "ledger_key_id" {
  description = "ARN of an existing KMS key (ECC_NIST_EDWARDS25519, SIGN_VERIFY) that signs the ledger; empty to make one."
  type        = string
  default     = ""
}

variable "deletion_protection" {
  description = "Refuse to delete the ledger. The bucket always has to be empty before it can be."
  type        = bool
  default     = true
}

variable "object_lock_days" {
  description = "Nobody can delete an archived object for so many days, 0 for no Object Lock. It can be chosen only when the bucket is made."
  type        = number
  default     = 0
}

variable "object_lock_mode" {
  description = "COMPLIANCE: nobody at all; GOVERNANCE: nobody without the permission to bypass it."
  type        = string
  default     = "GOVERNANCE"
  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.object_lock_mode)
    error_message = "The mode is COMPLIANCE or GOVERNANCE."
  }
}

variable "archive_tier_days" {
  description = "After how many days archived objects move to S3 Intelligent-Tiering."
  type        = number
  default     = 30
}

variable "log_retention_days" {
  description = "How long CloudWatch keeps the logs of functions and state machines."
  type        = number
  default     = 400
}

variable "email_subscriptions" {
  description = "Addresses that get notices and alarms; each has to confirm."
  type        = list(string)
  default     = []
}

variable "https_subscriptions" {
  description = "HTTPS endpoints of incident tools that get notices and alarms, by a name of yours; filter is an SNS filter policy on message attributes such as severity."
  type        = map(object({ url = string, filter = optional(string, "") }))
  default     = {}
}

variable "slack" {
  description = "Slack channel that alarms go to by way of Amazon Q Developer (AWS Chatbot): ids of the authorized workspace and of the channel."
  type        = object({ workspace_id = string, channel_id = string })
  default     = null
}

variable "approval_days" {
  description = "How long a qualification waits for its approval."
  type        = number
  default     = 14
}

variable "enable_worker" {
  description = "Work on messages with a long-running worker on Fargate instead of the function work."
  type        = bool
  default     = false
}

variable "worker" {
  description = "The worker's container image, where it runs, and its size. The subnets need a road to the AWS endpoints."
  type = object({
    image      = string
    vpc_id     = string
    subnet_ids = list(string)
    count      = optional(number, 1)
    cpu        = optional(number, 512)
    memory     = optional(number, 1024)
    public_ip  = optional(bool, false)
  })
  default = null
}
