variable "name" {
  description = "Name of the role and of the key's alias."
  type        = string
  default     = "claviger-key"
}

variable "external_id" {
  description = "The external id that Claviger made for this organization."
  type        = string
}

variable "org_id" {
  description = "The organization's id in Claviger (org_…)."
  type        = string
}

variable "deployment" {
  description = "The name of the Claviger installation (CLAVIGER_DEPLOYMENT), as Settings shows it."
  type        = string
  default     = "default"
}

variable "claviger_principals" {
  description = "ARNs of the IAM roles of the installation's processes. Each may do its own work with the key and no other. `webhooks`: of the worker that sends webhooks, where it is another than `worker`."
  type = object({
    api      = string
    engine   = string
    worker   = string
    webhooks = optional(string)
  })
}

variable "former_key_arns" {
  description = "ARNs of this organization's older keys that stored secrets are still wrapped under."
  type        = list(string)
  default     = []
}
