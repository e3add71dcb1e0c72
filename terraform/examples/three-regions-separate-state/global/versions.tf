terraform {
  required_version = ">= 1.10" # the lock of the S3 backend

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
  }

  # Where: terraform init -backend-config=backend.hcl -backend-config=key=kvlane/global.tfstate
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}
