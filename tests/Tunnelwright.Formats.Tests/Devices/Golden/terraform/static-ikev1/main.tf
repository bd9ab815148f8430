# An EC2 instance that runs Tunnelwright for vpn-0a1b2c3d4e5f60718.
# 1. aws secretsmanager create-secret --name tunnelwright/vpn-0a1b2c3d4e5f60718 --secret-string file://connection.yaml   then delete connection.yaml.
# 2. The Elastic IP address must be the registered customer address 203.0.113.2.
# 3. terraform apply with the variables below.
# The route tables lead to the network interface, not to the instance: a new instance takes it over, and no route is left that leads nowhere.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}
variable "vpc_id" {
  type        = string
  description = "The VPC that the gateway stands in."
}
variable "subnet_id" {
  type        = string
  description = "The public subnet that the gateway stands in."
}
variable "route_table_ids" {
  type        = set(string)
  description = "The route tables whose subnets reach the cloud."
}
variable "eip_allocation_id" {
  type        = string
  description = "The allocation id (eipalloc-...) of the registered address."
}
variable "program_url" {
  type        = string
  description = "Where the program is fetched from."
}
variable "program_sha256" {
  type        = string
  description = "The program's SHA-256, hexadecimal."
}
variable "instance_type" {
  type        = string
  description = "The instance type."
  default     = "c6i.large"
}
variable "secret_name" {
  type        = string
  description = "The secret that holds the connection's file."
  default     = "tunnelwright/vpn-0a1b2c3d4e5f60718"
}

locals {
  endpoints    = ["198.51.100.11/32", "198.51.100.22/32"]
  cloud_ranges = ["10.8.2.0/24"]
  own_ranges   = ["10.1.0.0/16", "192.168.7.0/24"]
}

data "aws_region" "current" {}
data "aws_ssm_parameter" "image" {
  name = "/aws/service/debian/release/12/latest/amd64"
}
data "aws_secretsmanager_secret" "connection" {
  name = var.secret_name
}

resource "aws_security_group" "gateway" {
  name_prefix = "vpn-0a1b2c3d4e5f60718-"
  description = "VPN gateway of vpn-0a1b2c3d4e5f60718"
  vpc_id      = var.vpc_id
  ingress {
    description = "IKE from the cloud's endpoints"
    protocol    = "udp"
    from_port   = 500
    to_port     = 500
    cidr_blocks = local.endpoints
  }
  ingress {
    description = "IKE and ESP through NAT from the cloud's endpoints"
    protocol    = "udp"
    from_port   = 4500
    to_port     = 4500
    cidr_blocks = local.endpoints
  }
  ingress {
    description = "ESP from the cloud's endpoints"
    protocol    = "50"
    from_port   = 0
    to_port     = 0
    cidr_blocks = local.endpoints
  }
  ingress {
    description = "AH from the cloud's endpoints"
    protocol    = "51"
    from_port   = 0
    to_port     = 0
    cidr_blocks = local.endpoints
  }
  ingress {
    description = "what the VPC sends to the cloud"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = local.own_ranges
  }
  egress {
    description = "everything"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_iam_role" "gateway" {
  name_prefix = "vpn-0a1b2c3d4e5f60718-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "secret" {
  role = aws_iam_role.gateway.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = data.aws_secretsmanager_secret.connection.arn }]
  })
}

resource "aws_iam_instance_profile" "gateway" {
  name_prefix = "vpn-0a1b2c3d4e5f60718-"
  role        = aws_iam_role.gateway.name
}

resource "aws_network_interface" "gateway" {
  subnet_id         = var.subnet_id
  security_groups   = [aws_security_group.gateway.id]
  # It forwards packets that are not its own.
  source_dest_check = false
  tags              = { Name = "vpn-0a1b2c3d4e5f60718" }
}

resource "aws_eip_association" "gateway" {
  allocation_id        = var.eip_allocation_id
  network_interface_id = aws_network_interface.gateway.id
}

resource "aws_instance" "gateway" {
  ami                  = data.aws_ssm_parameter.image.value
  instance_type        = var.instance_type
  iam_instance_profile = aws_iam_instance_profile.gateway.name
  network_interface {
    network_interface_id = aws_network_interface.gateway.id
    device_index         = 0
  }
  metadata_options {
    http_tokens = "required"
  }
  user_data = templatefile("${path.module}/user-data.sh.tftpl", {
    secret_arn     = data.aws_secretsmanager_secret.connection.arn
    region         = data.aws_region.current.id
    program_url    = var.program_url
    program_sha256 = var.program_sha256
  })
  user_data_replace_on_change = true
  tags                        = { Name = "vpn-0a1b2c3d4e5f60718" }
  depends_on                  = [aws_eip_association.gateway, aws_iam_role_policy.secret]
  lifecycle {
    ignore_changes = [ami]
  }
}

resource "aws_route" "cloud" {
  for_each               = { for pair in setproduct(var.route_table_ids, local.cloud_ranges) : join(" ", pair) => pair }
  route_table_id         = each.value[0]
  destination_cidr_block = each.value[1]
  network_interface_id   = aws_network_interface.gateway.id
}
