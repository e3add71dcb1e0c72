//go:build tools

// Package tools pins a tool that checks use.
package tools

import _ "github.com/terraform-linters/tflint"
