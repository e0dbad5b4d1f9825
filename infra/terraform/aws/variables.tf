variable "name" {
  description = "First part of the names of what is made."
  type        = string
  default     = "claviger"
}

variable "deployment" {
  description = "CLAVIGER_DEPLOYMENT of the installation; every sealed secret is bound to it."
  type        = string
  default     = "default"
}

variable "assume_role_policies" {
  description = "Who runs as each process: a trust policy (JSON) for api, engine and worker, e.g. of IRSA, ECS tasks or EC2. `webhooks` is the worker that sends webhooks; `worker` and `rewrap_webhooks` run while data keys of calls or of webhooks are moved to another master key."
  type = object({
    api             = string
    engine          = string
    worker          = string
    webhooks        = string
    rewrap_webhooks = string
  })
}

variable "former_key_arns" {
  description = "ARNs of older master keys that stored secrets are still wrapped under."
  type        = list(string)
  default     = []
}

variable "org_keys" {
  description = "Whether organizations may use KMS keys of their own accounts."
  type        = bool
  default     = false
}
