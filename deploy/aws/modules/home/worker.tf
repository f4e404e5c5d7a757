# The same program, running on and on: cheaper than functions when there is always
# something to do, and without their 15 minutes.
locals {
  worker = var.enable_worker ? { this = var.worker } : {}
}

resource "aws_ecs_cluster" "worker" {
  for_each = local.worker
  name     = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "worker" {
  for_each          = local.worker
  name              = "/everqual/${var.name}/worker"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.data.arn
}

resource "aws_iam_role" "worker" {
  for_each           = var.enable_worker ? { task = "worker", execution = "execution" } : {}
  name               = "${var.name}-worker-${each.key}"
  assume_role_policy = templatefile("${local.policies}/trust-own.json", { service = "ecs-tasks.amazonaws.com", account = local.account })
}

resource "aws_iam_role_policy" "worker" {
  for_each = var.enable_worker ? { task = "worker", execution = "execution" } : {}
  name     = each.value
  role     = aws_iam_role.worker[each.key].id
  policy = templatefile("${local.policies}/${each.value}.json",
  merge(local.named, { logs = aws_cloudwatch_log_group.worker["this"].arn }))
}

# It calls, and nobody calls it.
resource "aws_security_group" "worker" {
  for_each    = local.worker
  name        = "${var.name}-worker"
  description = "Everqual ${var.name}: worker"
  vpc_id      = each.value.vpc_id
  egress {
    description      = "AWS endpoints"
    protocol         = "tcp"
    from_port        = 443
    to_port          = 443
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_ecs_task_definition" "worker" {
  for_each                 = local.worker
  family                   = "${var.name}-worker"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.worker["execution"].arn
  task_role_arn            = aws_iam_role.worker["task"].arn
  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = upper(var.architecture)
  }
  container_definitions = jsonencode([{
    name                   = "worker"
    image                  = each.value.image
    essential              = true
    readonlyRootFilesystem = true
    # Schedules stay with EventBridge Scheduler, which runs each once however many
    # workers there are.
    command     = ["worker", "--health", "127.0.0.1:8080", "--grace", "100s"]
    stopTimeout = 120 # the most there is; longer than --grace
    environment = [for k, v in local.environment : { name = k, value = v }]
    healthCheck = {
      command     = ["CMD", "/everqual", "worker", "--health", "127.0.0.1:8080", "--check"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.worker[each.key].name
        awslogs-region        = local.region
        awslogs-stream-prefix = "worker"
      }
    }
  }])
}

resource "aws_ecs_service" "worker" {
  for_each               = local.worker
  name                   = "${var.name}-worker"
  cluster                = aws_ecs_cluster.worker[each.key].arn
  task_definition        = aws_ecs_task_definition.worker[each.key].arn
  desired_count          = each.value.count
  launch_type            = "FARGATE"
  propagate_tags         = "SERVICE"
  enable_execute_command = false
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    subnets          = each.value.subnet_ids
    security_groups  = [aws_security_group.worker[each.key].id]
    assign_public_ip = each.value.public_ip
  }
  depends_on = [aws_iam_role_policy.worker]
}
