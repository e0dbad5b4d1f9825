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
  description = "Who runs as each process: a trust policy (JSON) for api, engine and worker, e.g. of IRSA, ECS tasks or EC2."
  type = object({
    api    = string
    engine = string
    worker = string
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
