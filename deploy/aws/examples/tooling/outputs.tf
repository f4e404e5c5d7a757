output "home" {
  value = module.home.home
}
# What examples/member asks for: 'terraform output -json member'.
output "member" {
  value = {
    region             = var.region
    name               = var.name
    bus_arn            = module.home.bus_arn
    observer_role_arns = module.home.observer_role_arns
    external_id        = var.external_id
  }
  sensitive = true
}
output "bus_arn" {
  value = module.home.bus_arn
}
output "observer_role_arns" {
  value = module.home.observer_role_arns
}
output "collector_role" {
  value = module.home.collector_role
}
output "bucket" {
  value = module.home.bucket
}
output "ledger_key_arn" {
  value = module.home.ledger_key_arn
}
output "state_machines" {
  value = module.home.state_machines
}
output "operator_policy_arn" {
  value = module.home.operator_policy_arn
}
